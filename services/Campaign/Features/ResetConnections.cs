using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>An organization goes back to the defaults, or a campaign to what its organization says, with everything or with one switch. Twice is once.</summary>
public static class ResetConnections
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapDelete("/v1/organization/connections", OfOrganization)
            .WithName("ResetOrganizationConnections").WithTags("Organization").WithSummary("Back to the defaults in your organization").RequireScope("campaigns.write").GivesETag()
            .WithDescription("Everything is on again, where no campaign says otherwise.")
            .Refuses(412, "version.stale");
        routes.MapDelete("/v1/campaigns/{id:guid}/connections", OfCampaign)
            .WithName("ResetCampaignConnections").WithTags("Campaigns").WithSummary("Inherit every switch from the organization").RequireScope("campaigns.write").GivesETag()
            .WithDescription("The campaign has nothing set of its own any more.")
            .Refuses(404, "campaign.unknown")
            .Refuses(412, "version.stale");
        routes.MapDelete("/v1/campaigns/{id:guid}/connections/{type}", OneOfCampaign)
            .WithName("ResetCampaignConnection").WithTags("Campaigns").WithSummary("Inherit one switch: a connection type, or component").RequireScope("campaigns.write").GivesETag()
            .WithDescription("The other switches stay as they are.")
            .Refuses(404, "campaign.unknown")
            .Refuses(412, "version.stale")
            .Refuses(422, "connection-type.unknown");
    }

    private static Task<Results<Ok<ViewConnectionSettings.Response>, ProblemHttpResult>> OfOrganization(
        [FromHeader(Name = "If-Match")] string? ifMatch, StreamSession session, HttpResponse response, CancellationToken ct) =>
        ConfigureConnections.Save(null, ifMatch, required: false, (state, id) => Decide(state, id, null, null), session, response, ct);

    private static Task<Results<Ok<ViewConnectionSettings.Response>, ProblemHttpResult>> OfCampaign(
        Guid id, [FromHeader(Name = "If-Match")] string? ifMatch, StreamSession session, HttpResponse response, CancellationToken ct) =>
        OneOfCampaign(id, null, ifMatch, session, response, ct);

    private static async Task<Results<Ok<ViewConnectionSettings.Response>, ProblemHttpResult>> OneOfCampaign(
        Guid id, string? type, [FromHeader(Name = "If-Match")] string? ifMatch, StreamSession session, HttpResponse response, CancellationToken ct) =>
        await session.Load<Campaign>(id, ct) is { } campaign
            ? await ConfigureConnections.Save(campaign, ifMatch, required: false, (state, switches) => Decide(state, switches, id, type), session, response, ct)
            : Problems.Of(CampaignViews.Unknown);

    /// <param name="state">What is set.</param>
    /// <param name="id">The stream.</param>
    /// <param name="campaign">Whose; null for the organization's.</param>
    /// <param name="only">The one switch to reset; null for all.</param>
    public static Decision Decide(ConnectionSwitches? state, Guid id, Guid? campaign, string? only)
    {
        if (only is not null and not ConnectionSwitches.ComponentSwitch && ConnectionType.Named(only) is null)
        {
            return ConfigureConnections.Unknown("type");
        }

        return ConnectionSwitches.Change(
            state,
            id,
            campaign,
            only is null or ConnectionSwitches.ComponentSwitch ? null : state?.Component,
            state?.Types.Where(type => only is not null && type.Key != only).ToDictionary() ?? []);
    }
}
