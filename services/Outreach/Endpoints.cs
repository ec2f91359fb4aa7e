using EventSourcing;
using EventSourcing.Operations;
using Outreach.Features;
using ServiceDefaults;

namespace Outreach;

/// <summary>Every route of this service.</summary>
public static class Endpoints
{
    public static void MapOutreach(this IEndpointRouteBuilder routes)
    {
        ListTemplates.Map(routes);
        ListMergeFields.Map(routes);
        CreateTemplate.Map(routes);
        CheckTemplate.Map(routes);
        RenderTemplate.Map(routes);
        ViewTemplate.Map(routes);
        EditTemplate.Map(routes);
        ListTemplateVersions.Map(routes);
        ArchiveTemplate.Map(routes);
        RestoreTemplate.Map(routes);
        TestTemplate.Map(routes);
        SendOutreach.Map(routes);
        PreviewOutreach.Map(routes);
        GetOutreach.Map(routes);
        WatchOutreach.Map(routes);
        SteerOutreach.Map(routes);
        ListRecipients.Map(routes);
        ShowConversion.Map(routes);
        RevokeInvitation.Map(routes);
        TrackOpen.Map(routes);
        ListSuppressions.Map(routes);
        SuppressCreator.Map(routes);
        LiftSuppression.Map(routes);
        Unsubscribe.Map(routes);
        ReceiveReport.Map(routes);
        GetSenderSettings.Map(routes);
        ChangeSenderSettings.Map(routes);
        routes.MapEventFeed().RequireScope("events.read").Refuses(422, EventFeedEndpoint.Codes).Refuses(429, EventFeedEndpoint.Crowded).Refuses(503, EventFeedEndpoint.Newer);
        routes.MapGroup("").RequireScope("ops").MapOperations((route, status, codes) => route.Refuses(status, codes));
    }
}
