using EventSourcing.Operations;
using ServiceDefaults;
using Webhooks.Features;

namespace Webhooks;

/// <summary>Every route of this service.</summary>
public static class Endpoints
{
    public static void MapWebhooks(this IEndpointRouteBuilder routes)
    {
        ListEndpoints.Map(routes);
        RegisterEndpoint.Map(routes);
        ViewEndpoint.Map(routes);
        ChangeEndpoint.Map(routes);
        RemoveEndpoint.Map(routes);
        RotateSecret.Map(routes);
        EndPreviousSecrets.Map(routes);
        TestEndpoint.Map(routes);
        ListDeliveries.Map(routes);
        ViewDelivery.Map(routes);
        ReplayDeliveries.Map(routes);
        ListDeadLetters.Map(routes);
        ListEventTypes.Map(routes);
        routes.MapGroup("").RequireScope("ops").MapOperations((route, status, codes) => route.Refuses(status, codes), deadLetters: "IntakeDeadLetters");
    }
}
