using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Connections.Features;

/// <summary>
/// Creates a campaign's counterpart at TikTok One and keeps its invite link: once, however often and from how many sides it is asked for. The
/// claim comes first, so that of two requests one creates; a claim whose owner died is taken over by looking for its campaign before making one.
/// </summary>
public static class LinkCampaign
{
    private const int Most = 1000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/campaigns/{campaignId:guid}/marketplace-link", Create).WithName(nameof(LinkCampaign)).WithTags("Marketplace").RequireScope("connections.write")
            .WithSummary("Create a campaign's marketplace link")
            .WithDescription("201 with the link; 200 with the one that exists, whoever is named this time.")
            .Produces<MarketplaceLinkView>().Produces<MarketplaceLinkView>(201)
            .Refuses(404, "campaign.unknown").Refuses(409, "marketplace.not-configured", "marketplace.no-handle", "marketplace-link.under-way")
            .Refuses(422, "creators.missing", "creators.too-many", "type.unknown").Refuses(502, "marketplace.refused")
            .Refuses(503, "marketplace.busy", "marketplace.unreachable", "creators.unreachable");
        routes.MapGet("/v1/campaigns/{campaignId:guid}/marketplace-link", Get).WithName("MarketplaceLink").WithTags("Marketplace").RequireScope("connections.read")
            .WithSummary("A campaign's marketplace link").WithDescription("The one link by which creators join the campaign at TikTok One.")
            .Refuses(404, "campaign.unknown", "marketplace-link.unknown");
    }

    /// <summary>The creators to name, and the kind of link: CAMPAIGN (the usual) or BRAND_LINK.</summary>
    public sealed record Request(IReadOnlyList<Guid>? CreatorIds = null, string? Type = null);

    /// <summary>What keeps a request from being carried out; null when nothing does.</summary>
    public static Decision.Refused? Flaw(Request request) => request switch
    {
        { CreatorIds: null or { Count: 0 } } => new(RefusalKind.InvalidValue, "creators.missing", "Name at least one creator.", "creatorIds"),
        { CreatorIds.Count: > Most } => new(RefusalKind.InvalidValue, "creators.too-many", $"Name at most {Most} creators.", "creatorIds"),
        { Type: not (null or MarketplaceLink.CampaignType or MarketplaceLink.BrandLinkType) } =>
            new(RefusalKind.InvalidValue, "type.unknown", $"The types are {MarketplaceLink.CampaignType} and {MarketplaceLink.BrandLinkType}.", "type"),
        _ => null,
    };

    private static async Task<IResult> Create(
        Guid campaignId, Request request, HttpContext http, StreamSession session, MarketplaceDesk desk, CreatorHandles handles, TimeProvider clock, CancellationToken ct)
    {
        if (await session.Load<KnownCampaign>(campaignId, ct) is not { } campaign)
        {
            return UnknownCampaign;
        }

        if (desk.NotConfigured() is { } problem)
        {
            return problem;
        }

        if (Flaw(request) is { } flaw)
        {
            return Problems.Of(flaw);
        }

        var id = MarketplaceLink.IdOf(session.Organization, campaignId);
        if (await session.Load<MarketplaceLink>(id, ct) is { Created: { } present } link)
        {
            return TypedResults.Ok(MarketplaceLinkView.Of(campaignId, link.Type, present));
        }

        Guid[] creators = [.. request.CreatorIds!.Distinct()];
        IReadOnlyDictionary<Guid, string> named;
        try
        {
            named = await handles.Of(session, creators, ct);
        }
        catch (HandlesUnavailable exception)
        {
            return MarketplaceDesk.ProblemOf(exception, http)!;
        }

        if (named.Count == 0)
        {
            return MarketplaceDesk.NoHandle;
        }

        var claim = await session.DecideAndSave<MarketplaceLink>(
            id, state => MarketplaceLink.Request(state, campaignId, request.Type ?? MarketplaceLink.CampaignType, clock.GetUtcNow()), ct);
        if (claim.Decision is Decision.Refused refused)
        {
            return Problems.Of(refused);
        }

        if (claim.State is not { Created: null } claimed)
        {
            return TypedResults.Ok(MarketplaceLinkView.Of(campaignId, claim.State!.Type, claim.State.Created!));
        }

        try
        {
            // The id in the name is how one that was made before a crash is found again.
            var name = $"{campaign.Name} [{campaignId.ToString("N")[^12..]}]";
            string[] asked = [.. named.Values.Distinct()];
            var made = (claim.Version > 1 ? await desk.Marketplace.FindCampaign(name, ct) : null) ?? await desk.Marketplace.CreateCampaign(name, claimed.Type, asked, ct);
            var failed = made.FailedHandles.ToHashSet(StringComparer.OrdinalIgnoreCase);
            var created = new MarketplaceLinkCreated(
                made.Id,
                made.InviteLink,
                made.CountryCodes,
                [.. named.Where(each => !failed.Contains(each.Value)).Select(each => each.Key)],
                [.. named.Where(each => failed.Contains(each.Value)).Select(each => each.Key)],
                [.. creators.Except(named.Keys)],
                clock.GetUtcNow());
            var saved = await session.DecideAndSave<MarketplaceLink>(
                id,
                state => state is { Created: null } ? Decision.Of(created) : Decision.Nothing,
                ct,
                alongside: operations => MarketplaceTables.Linked(operations, session.Organization, id, made.Id));
            return TypedResults.Created($"/v1/campaigns/{campaignId}/marketplace-link", MarketplaceLinkView.Of(campaignId, claimed.Type, saved.State!.Created!));
        }
        catch (Platforms.TikTok.Marketplace.MarketplaceException exception)
        {
            await session.DecideAndSave<MarketplaceLink>(id, state => state is { Created: null } ? Decision.Of(new MarketplaceLinkRefused(exception.Code, clock.GetUtcNow())) : Decision.Nothing, ct);
            return MarketplaceDesk.ProblemOf(exception, http)!;
        }
    }

    private static async Task<Results<Ok<MarketplaceLinkView>, ProblemHttpResult>> Get(Guid campaignId, StreamSession session, CancellationToken ct)
    {
        if (await session.Load<KnownCampaign>(campaignId, ct) is null)
        {
            return UnknownCampaign;
        }

        return await session.Load<MarketplaceLink>(MarketplaceLink.IdOf(session.Organization, campaignId), ct) is { Created: { } created } link
            ? TypedResults.Ok(MarketplaceLinkView.Of(campaignId, link.Type, created))
            : Problems.Of(StatusCodes.Status404NotFound, "marketplace-link.unknown", "No marketplace link was created for this campaign yet.");
    }

    internal static ProblemHttpResult UnknownCampaign => Problems.Of(
        StatusCodes.Status404NotFound, "campaign.unknown", "There is no such campaign in this organization. A campaign created a moment ago may still be on the way.");
}

/// <summary>A campaign's link: whoever opens it in the TikTok app joins the campaign.</summary>
/// <param name="CampaignId">The campaign.</param>
/// <param name="PlatformCampaignId">Its counterpart at TikTok One.</param>
/// <param name="Type">CAMPAIGN or BRAND_LINK.</param>
/// <param name="InviteLink">The link.</param>
/// <param name="CountryCodes">Whose creators may join; empty where the platform named none.</param>
/// <param name="CreatorIds">Creators the platform took.</param>
/// <param name="FailedCreatorIds">Creators whose handle it did not take.</param>
/// <param name="UnnamedCreatorIds">Creators who could not be named, because no handle is known.</param>
/// <param name="CreatedAt">When (UTC).</param>
public sealed record MarketplaceLinkView(
    Guid CampaignId, string PlatformCampaignId, string Type, string InviteLink, IReadOnlyList<string> CountryCodes, IReadOnlyList<Guid> CreatorIds,
    IReadOnlyList<Guid> FailedCreatorIds, IReadOnlyList<Guid> UnnamedCreatorIds, DateTimeOffset CreatedAt)
{
    internal static MarketplaceLinkView Of(Guid campaign, string type, MarketplaceLinkCreated link) =>
        new(campaign, link.PlatformCampaignId, type, link.InviteLink, link.CountryCodes, link.CreatorIds, link.FailedCreatorIds, link.UnnamedCreatorIds, link.At);
}
