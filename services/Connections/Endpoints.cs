using Connections.Features;
using EventSourcing;
using EventSourcing.Operations;
using ServiceDefaults;

namespace Connections;

/// <summary>The table of contents: every route of this service.</summary>
internal static class Endpoints
{
    public static void MapEndpoints(this IEndpointRouteBuilder routes)
    {
        // Creator Hub, in the order a creator meets it.
        OpenInvitation.Map(routes);
        ShowHub.Map(routes);
        StartConnection.Map(routes);
        GrantConnection.Map(routes);
        DisconnectConnection.Map(routes);
        ShowMyData.Map(routes);
        ExportMyData.Map(routes);
        EraseMyData.Map(routes);
        ShowDeletion.Map(routes);

        // Platforms.
        ReceiveNotice.Map(routes);
        ReceiveCampaignNotice.Map(routes);

        // Product teams.
        ConnectionsOfCreator.Map(routes);
        ConnectionHistory.Map(routes);
        EraseCreator.Map(routes);
        RefreshConnection.Map(routes);
        ShowInsights.Map(routes);
        InsightsSeries.Map(routes);
        InsightsContent.Map(routes);
        ShowAvailability.Map(routes);
        AskForInsights.Map(routes);

        // TikTok's creator marketplace.
        ViewMarketplace.Map(routes);
        CheckCreatorNow.Map(routes);
        InviteToMarketplace.Map(routes);
        LinkCampaign.Map(routes);
        ViewCompatibility.Map(routes);

        // Subscribers who catch up.
        routes.MapEventFeed().RequireScope("events.read").Refuses(422, EventFeedEndpoint.Codes).Refuses(429, EventFeedEndpoint.Crowded).Refuses(503, EventFeedEndpoint.Newer);

        // Operators.
        ShowPlatforms.Map(routes);
        PausePlatform.Map(routes);
        ShowRefreshQueue.Map(routes);
        routes.MapGroup("").RequireScope("ops").MapOperations((route, status, codes) => route.Refuses(status, codes));
    }
}
