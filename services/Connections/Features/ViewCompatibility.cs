using Connections.Platforms.TikTok.Marketplace;
using Connections.Upkeep;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Connections.Features;

/// <summary>Can this creator's posts count for this campaign? Every condition, whether it is met, and why.</summary>
public static class ViewCompatibility
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/campaigns/{campaignId:guid}/creators/{creatorId:guid}/compatibility", Handle)
        .WithName(nameof(ViewCompatibility)).WithTags("Marketplace").RequireScope("connections.read")
        .WithSummary("A creator's compatibility with a campaign").WithDescription("Can the creator's posts count for the campaign? Every condition with its explanation.")
        .Refuses(404, "campaign.unknown", "creator.unknown").Refuses(409, "marketplace.not-configured");

    /// <summary>Verdict is Compatible, NotCompatible or Unknown.</summary>
    public sealed record Response(Guid CampaignId, Guid CreatorId, string Verdict, IReadOnlyList<CompatibilityCondition> Conditions);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Guid campaignId, Guid creatorId, StreamSession session, MarketplaceDesk desk, CreatorHandles handles, AccessTokens tokens, CancellationToken ct)
    {
        if (await session.Load<KnownCampaign>(campaignId, ct) is null)
        {
            return LinkCampaign.UnknownCampaign;
        }

        if (await desk.Refusal(session, creatorId, ct) is { } refusal)
        {
            return refusal;
        }

        var standing = await session.Load<MarketplaceStanding>(MarketplaceStanding.IdOf(session.Organization, creatorId), ct);
        var link = await session.Load<MarketplaceLink>(MarketplaceLink.IdOf(session.Organization, campaignId), ct);
        var connection = await session.Load<Connection>(Connection.IdOf(session.Organization, creatorId, handles.Platform), ct);
        var scopes = connection is { Standing: Standing.Connected } ? connection.Scopes : null;
        var (country, refused) = scopes?.Contains(Compatibility.LinkScope) is true ? await AskPlatform(session, creatorId, connection!, desk, handles, tokens, ct) : (null, null);
        var conditions = Compatibility.Of(new(standing?.Status, link, Failed(link, creatorId), scopes, country, [.. Refusals(standing), .. refused is null ? Array.Empty<string>() : [refused]]));
        return TypedResults.Ok(new Response(campaignId, creatorId, Compatibility.Verdict(conditions), conditions));
    }

    private static bool? Failed(MarketplaceLink? link, Guid creator) =>
        link?.Created is not { } created ? null : created.FailedCreatorIds.Contains(creator) ? true : created.CreatorIds.Contains(creator) ? false : null;

    private static IEnumerable<string> Refusals(MarketplaceStanding? standing) => (standing?.Reasons ?? []).Select(reason => reason switch
    {
        MarketplaceReason.NotACreator => Compatibility.NotACreatorCode,
        MarketplaceReason.OutsideRegions => Compatibility.OutsideRegionsCode,
        _ => "",
    });

    // The country is the creator's to show, so their own token asks. Whatever keeps us from the answer leaves it unknown: this only looks.
    private static async Task<(string? Country, string? Refused)> AskPlatform(
        StreamSession session, Guid creator, Connection connection, MarketplaceDesk desk, CreatorHandles handles, AccessTokens tokens, CancellationToken ct)
    {
        try
        {
            return await tokens.For(session.Organization, Connection.IdOf(session.Organization, creator, handles.Platform), ct) is { } token
                ? (await desk.Marketplace.CountryOf(connection.AccountId!, token.Value, ct), null)
                : (null, null);
        }
        catch (MarketplaceException exception)
        {
            return (null, exception.Code);
        }
    }
}
