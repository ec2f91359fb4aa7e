using Campaigns.Features;
using EventSourcing;
using EventSourcing.Operations;
using ServiceDefaults;

namespace Campaigns;

/// <summary>Every route of the service, one line each.</summary>
public static class Endpoints
{
    public static void MapEndpoints(this IEndpointRouteBuilder routes)
    {
        NameOrganization.Map(routes);
        ViewOrganization.Map(routes);

        ViewConnectionSettings.Map(routes);
        ConfigureConnections.Map(routes);
        ResetConnections.Map(routes);

        RegisterCreator.Map(routes);
        ViewCreator.Map(routes);
        AmendCreator.Map(routes);
        ViewContacts.Map(routes);
        ViewHandles.Map(routes);

        PlanCampaign.Map(routes);
        ListCampaigns.Map(routes);
        ViewCampaign.Map(routes);

        AddToRoster.Map(routes);
        ImportRoster.Map(routes);
        RemoveFromRoster.Map(routes);

        routes.MapEventFeed().RequireScope("events.read").Refuses(422, EventFeedEndpoint.Codes).Refuses(429, EventFeedEndpoint.Crowded).Refuses(503, EventFeedEndpoint.Newer);

        ViewDashboard.Map(routes);
        ViewTrend.Map(routes);
        ViewOrganizationDashboard.Map(routes);
        ListCampaignCreators.Map(routes);
        CountFacets.Map(routes);
        ListCreatorIds.Map(routes);
        ExportCreators.Map(routes);
        ViewCampaignCreator.Map(routes);

        ListChanges.Map(routes);
        WatchRoster.Map(routes);

        ShowViews.Map(routes);
        SaveView.Map(routes);

        RebuildViews.Map(routes);
        routes.MapGroup("").RequireScope("ops").MapOperations((route, status, codes) => route.Refuses(status, codes));
    }
}
