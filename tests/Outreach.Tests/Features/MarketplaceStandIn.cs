using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace Outreach.Tests.Features;

/// <summary>Connections as far as marketplace links go: makes one per campaign, or says what it is told to say.</summary>
public sealed class MarketplaceStandIn
{
    private readonly ConcurrentDictionary<Guid, (string Organization, Guid[] Named)> links = new();
    private readonly ConcurrentDictionary<Guid, (int Status, string Code, int Times)> faults = new();

    /// <summary>The next requests for this campaign's link are answered so.</summary>
    public void Answer(Guid campaign, int status, string code, int times) => faults[campaign] = (status, code, times);

    public int FaultsLeft(Guid campaign) => faults.TryGetValue(campaign, out var fault) ? fault.Times : 0;

    /// <summary>Whom the campaign's link was made for; null before there is one.</summary>
    public Guid[]? NamedFor(Guid campaign) => links.TryGetValue(campaign, out var link) ? link.Named : null;

    public static string AddressOf(Guid campaign) => $"https://www.tiktok.com/t/{campaign:N}";

    internal IResult Post(Guid campaign, HttpRequest request, Naming body)
    {
        if (Fault(campaign) is { } fault)
        {
            return fault;
        }

        if (body.CreatorIds.Length == 0)
        {
            return Problem(422, "creators.missing");
        }

        if (body.CreatorIds.Length > 1000 || !request.Headers.Authorization.ToString().StartsWith("Bearer ey", StringComparison.Ordinal))
        {
            return Problem(400, "request.malformed");
        }

        var organization = request.Headers["X-Organization"].ToString();
        return links.TryAdd(campaign, (organization, body.CreatorIds)) ? Shown(campaign, 201)
            : links[campaign].Organization == organization ? Shown(campaign, 200)
            : Problem(404, "campaign.unknown");
    }

    private static IResult Shown(Guid campaign, int status) => Results.Json(new { campaignId = campaign, inviteLink = AddressOf(campaign) }, statusCode: status);

    private static IResult Problem(int status, string code) => Results.Json(new { code, detail = "This is how it is." }, contentType: "application/problem+json", statusCode: status);

    private IResult? Fault(Guid campaign)
    {
        if (!faults.TryGetValue(campaign, out var fault) || fault.Times == 0)
        {
            return null;
        }

        faults[campaign] = fault with { Times = fault.Times - 1 };
        return Problem(fault.Status, fault.Code);
    }

    public sealed record Naming(Guid[] CreatorIds);
}
