using System.Text.Json;
using Connections.Platforms;
using Connections.Platforms.TikTok;
using Connections.Platforms.TikTok.Marketplace;
using EventSourcing;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using ServiceDefaults;

namespace Connections.Features;

/// <summary>
/// TikTok One says that a post of a campaign appeared. Whoever posts may have joined the marketplace for it, so the campaign's creators are looked at
/// now and not at their turn. It may come twice or late: looking once more harms nobody, so nothing of it is kept.
/// </summary>
public static class ReceiveCampaignNotice
{
    private const int MaxBody = 64 * 1024;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/webhooks/tiktok-business", Handle)
        .WithName(nameof(ReceiveCampaignNotice)).WithTags("Webhooks").AllowAnonymous().DisableAntiforgery().WithMetadata(new RequestSizeLimitAttribute(MaxBody))
        .WithSummary("Receive a notice about a campaign's posts").WithDescription("For TikTok only; verified by its signature.")
        .Refuses(400, "webhook.malformed").Refuses(401, "webhook.forged").Refuses(404, "platform.unknown");

    private static async Task<IResult> Handle(HttpContext http, TikTokBusinessOptions options, StreamSessions sessions, NpgsqlDataSource source, TimeProvider clock, CancellationToken ct)
    {
        if (!options.IsConfigured)
        {
            return Problems.Of(StatusCodes.Status404NotFound, "platform.unknown", "This installation has no marketplace account.");
        }

        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, ct);
        var bytes = body.ToArray();
        if (!TikTokSignature.Matches(http.Request.Headers[TikTokSignature.Header], bytes, options.Secret))
        {
            return Problems.Of(StatusCodes.Status401Unauthorized, "webhook.forged", "The TikTok-Signature header does not match the body.");
        }

        if (CampaignOf(bytes) is not { } campaign)
        {
            return Problems.Of(StatusCodes.Status400BadRequest, "webhook.malformed", "The body is not the JSON the event promises.");
        }

        foreach (var (organization, link) in await LinksOf(source, campaign, ct))
        {
            await using var session = sessions.For(organization);
            var creators = (await session.Load<MarketplaceLink>(link, ct))?.Created?.CreatorIds ?? [];
            await session.DecideAndSave<MarketplaceLink>(link, _ => Decision.Nothing, ct, alongside: operations =>
            {
                foreach (var creator in creators)
                {
                    MarketplaceTables.Due(operations, organization, creator, clock.GetUtcNow());
                }
            });
        }

        return TypedResults.Ok();
    }

    private static string? CampaignOf(byte[] body)
    {
        try
        {
            return JsonDocument.Parse(body).RootElement.Text("campaign_id");
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task<IReadOnlyList<(string Organization, Guid Link)>> LinksOf(NpgsqlDataSource source, string campaign, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"select tenant_id, link_id from {MarketplaceTables.Links} where platform_campaign_id = $1");
        command.With(campaign);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var found = new List<(string, Guid)>();
        while (await reader.ReadAsync(ct))
        {
            found.Add((reader.GetString(0), reader.GetGuid(1)));
        }

        return found;
    }
}
