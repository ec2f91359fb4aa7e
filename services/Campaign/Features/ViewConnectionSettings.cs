using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>Which connections an organization, or one of its campaigns, looks at: each switch with how it stands and who decided that.</summary>
public static class ViewConnectionSettings
{
    /// <summary>Shown are the types that are on: of a campaign those it requires, of the organization all. The revision is the ETag's.</summary>
    public sealed record Response(EffectiveSwitch Component, IReadOnlyList<EffectiveType> Types, IReadOnlyList<string> Shown, long Revision);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/organization/connections", OfOrganization)
            .WithName("ViewOrganizationConnections").WithTags("Organization").WithSummary("Which connections are on in your organization").RequireScope("campaigns.read").GivesETag()
            .WithDescription("Each switch with how it stands, who decided that and a sentence that says so.");
        routes.MapGet("/v1/campaigns/{id:guid}/connections", OfCampaign)
            .WithName("ViewCampaignConnections").WithTags("Campaigns").WithSummary("Which connections are on in a campaign, and why").RequireScope("campaigns.read").GivesETag()
            .WithDescription("Each switch with how it stands, who decided that (the campaign, the organization, the default) and a sentence that says so.")
            .Refuses(404, "campaign.unknown");
    }

    private static async Task<Ok<Response>> OfOrganization(StreamSession session, HttpResponse response, CancellationToken ct) =>
        await Show(null, session, response, ct);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> OfCampaign(Guid id, StreamSession session, HttpResponse response, CancellationToken ct) =>
        await session.Load<Campaign>(id, ct) is { } campaign ? await Show(campaign, session, response, ct) : Problems.Of(CampaignViews.Unknown);

    /// <summary>As it stands now, with the tag that the next change has to show.</summary>
    internal static async Task<Ok<Response>> Show(Campaign? campaign, StreamSession session, HttpResponse response, CancellationToken ct)
    {
        var (organization, own) = await SwitchRow.Load(session, campaign?.Id, ct);
        var effective = campaign is null ? EffectiveConnections.OfOrganization(organization) : EffectiveConnections.Of(campaign, organization, own);
        var revision = (campaign is null ? organization : own)?.Version ?? 0;
        EntityTag.Write(response, revision);
        return TypedResults.Ok(new Response(effective.Component, effective.Types, effective.Shown, revision));
    }
}
