using Connections.Insights;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults;

namespace Connections.Features;

/// <summary>Somebody wants newer numbers than the last pull brought: the next one begins at the next look.</summary>
public static class AskForInsights
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/connections/{id:guid}/insights/pull", Handle)
        .WithName(nameof(AskForInsights)).WithTags("Insights").RequireScope("connections.write")
        .WithSummary("Pull a connection's insights now")
        .WithDescription("Answers 202 at once; GET the insights shows what came of it. The platform's limits still hold.")
        .Refuses(404, "connection.unknown").Refuses(409, "connection.not-connected");

    private static async Task<Results<Accepted, ProblemHttpResult>> Handle(Guid id, StreamSession session, NpgsqlDataSource source, TimeProvider clock, CancellationToken ct)
    {
        if (await session.Load<Connection>(id, ct) is not { } connection)
        {
            return ShowInsights.Unknown();
        }

        if (connection.Standing is not Standing.Connected)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "connection.not-connected", "Insights come from connected accounts only. Ask the creator to connect.");
        }

        // Without a row the connection is so new that its first pull is due anyway.
        await source.Run(PullTable.Ask(session.Organization, id, clock.GetUtcNow()), ct);
        return TypedResults.Accepted($"/v1/connections/{id}/insights");
    }
}
