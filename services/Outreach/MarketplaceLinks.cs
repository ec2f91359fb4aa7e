using System.Net;
using System.Text.Json;
using EventSourcing;

namespace Outreach;

/// <summary>Connections did not say what the campaign's link is. No recipient is to blame, so none gets a verdict.</summary>
public sealed class MarketplaceUnavailable(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A campaign's link to TikTok's creator marketplace, or why there can be none.</summary>
public sealed record MarketplaceAnswer(Uri? Link, Decision.Refused? Refusal);

/// <summary>Reads campaigns' marketplace links from Connections, which owns them, and has one made where there is none.</summary>
public sealed class MarketplaceLinks(HttpClient http)
{
    /// <summary>The merge field that shows the link.</summary>
    public const string Field = "marketplace.inviteUrl";

    /// <summary>The most creators that can be named when a link is made.</summary>
    public const int MostCreators = 1000;

    /// <summary>What a preview shows: it is read by people the link was not meant for, and must not make one.</summary>
    public static Uri Sample { get; } = new("https://www.tiktok.com/invite-link-preview");

    /// <summary>
    /// The campaign's link. Where there is none it is made, and <paramref name="creators"/>, the first thousand of them, are named to TikTok; whoever is
    /// written to later uses the same one.
    /// </summary>
    /// <exception cref="MarketplaceUnavailable">Connections cannot be asked now, TikTok cannot, or the answer was something else.</exception>
    public async Task<MarketplaceAnswer> Of(string organization, Guid campaign, IEnumerable<Guid> creators, CancellationToken ct)
    {
        try
        {
            // Answers the link there is, or makes it: however often and from how many replicas it is asked for, there is one.
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/campaigns/{campaign}/marketplace-link")
            {
                Content = JsonContent.Create(new { creatorIds = creators.Distinct().Take(MostCreators).ToArray() }),
            };
            request.Headers.Add("X-Organization", organization);
            using var response = await http.SendAsync(request, ct);
            return await Read(response, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested && e is not MarketplaceUnavailable)
        {
            // Whatever keeps us from the answer, a dead socket, an open circuit or a token that cannot be had, means the same here: later.
            throw new MarketplaceUnavailable($"Connections cannot be asked for a marketplace link ({e.GetType().Name}).", e is JsonException ? null : e);
        }
    }

    /// <summary>Why an outreach with this template cannot be sent at all, as far as it can be known now; null where nothing is known against it.</summary>
    public async Task<Decision.Refused?> Objection(string organization, Template? template, Guid campaign, IEnumerable<Guid> creators, CancellationToken ct)
    {
        if (template?.Fields.Contains(Field) is not true)
        {
            return null;
        }

        try
        {
            return (await Of(organization, campaign, creators, ct)).Refusal;
        }
        catch (MarketplaceUnavailable)
        {
            // The recipients wait for the link, as they would if it went away a moment later.
            return null;
        }
    }

    private static async Task<MarketplaceAnswer> Read(HttpResponseMessage response, CancellationToken ct)
    {
        if (response.IsSuccessStatusCode)
        {
            var link = await response.Content.ReadFromJsonAsync<Link>(ct);
            return Uri.TryCreate(link?.InviteLink, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps
                ? new(address, null)
                : throw new MarketplaceUnavailable("Connections answered without a marketplace link.");
        }

        // Of the refusals only these two are for good; the others pass: a link that is just being made, a campaign that is on its way, TikTok out of reach.
        var problem = response.StatusCode is HttpStatusCode.Conflict ? await response.Content.ReadFromJsonAsync<Problem>(ct) : null;
        return problem?.Code is "marketplace.not-configured" or "marketplace.no-handle"
            ? new(null, new(RefusalKind.WrongState, problem.Code, problem.Detail ?? "The campaign has no marketplace link, and none can be made.", null))
            : throw new MarketplaceUnavailable($"Connections answered {(int)response.StatusCode} {problem?.Code} to a request for a marketplace link.");
    }

    private sealed record Link(string? InviteLink);

    private sealed record Problem(string? Code, string? Detail);
}
