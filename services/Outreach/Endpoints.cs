using Outreach.Features;

namespace Outreach;

/// <summary>Every route of this service.</summary>
public static class Endpoints
{
    public static void MapOutreach(this IEndpointRouteBuilder routes)
    {
        ListTemplates.Map(routes);
        SendOutreach.Map(routes);
        PreviewOutreach.Map(routes);
        GetOutreach.Map(routes);
        ListRecipients.Map(routes);
        ListSuppressions.Map(routes);
        SuppressCreator.Map(routes);
        LiftSuppression.Map(routes);
        Unsubscribe.Map(routes);
        ReceiveReport.Map(routes);
        GetSenderSettings.Map(routes);
        ChangeSenderSettings.Map(routes);
    }
}
