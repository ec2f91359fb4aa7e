using Connections.Upkeep;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults;

namespace Connections.Features;

/// <summary>Somebody wants to know now how a connection stands: it is refreshed and probed at the next look.</summary>
public static class RefreshConnection
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/connections/{id:guid}/refresh", Handle)
        .WithName(nameof(RefreshConnection)).WithTags("Connections").RequireScope("connections.write")
        .WithSummary("Refresh a connection now")
        .WithDescription("Answers 202 at once; GET the connection shows what came of it. Where the platform's rules forbid a refresh now, the connection is probed only.")
        .Refuses(404, "connection.unknown").Refuses(409, "connection.not-kept-alive");

    private static async Task<Results<Accepted, ProblemHttpResult>> Handle(Guid id, StreamSession session, NpgsqlDataSource source, TimeProvider clock, CancellationToken ct)
    {
        if (await session.Load<Connection>(id, ct) is null)
        {
            return Problems.Of(StatusCodes.Status404NotFound, "connection.unknown", "There is no such connection in this organization.");
        }

        return await source.Run(UpkeepTable.Check(session.Organization, id, "asked-for", clock.GetUtcNow()), ct) == 1
            ? TypedResults.Accepted($"/v1/connections/{id}")
            : Problems.Of(StatusCodes.Status409Conflict, "connection.not-kept-alive", "We hold no tokens for this connection any more. Ask the creator to reconnect.");
    }
}
