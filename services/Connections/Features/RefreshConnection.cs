using Connections.Upkeep;
using EventSourcing;
using EventSourcing.Operations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using ServiceDefaults;

namespace Connections.Features;

/// <summary>Somebody wants to know now how a connection stands: it is refreshed and probed at the next look.</summary>
public static class RefreshConnection
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/connections/{id:guid}/refresh", Handle).WithName(nameof(RefreshConnection)).WithTags("Connections").RequireScope("connections.write")
            .WithSummary("Refresh a connection now")
            .WithDescription("Answers 202 at once; GET the connection shows what came of it. Where the platform's rules forbid a refresh now, the connection is probed only.")
            .Refuses(404, "connection.unknown").Refuses(409, "connection.not-kept-alive");
        routes.MapPost("/v1/operations/connections/{id:guid}/refresh", Command).WithName("ForceRefresh").WithTags("Operations").RequireScope("ops")
            .WithSummary("Refresh a connection now, as an operator")
            .WithDescription("As `POST /v1/connections/{id}/refresh`, and in the audit; `affected` is 0 where we hold no tokens any more. A client that acts for every organization names the connection's in X-Organization.")
            .Refuses(404, "connection.unknown").Refuses(422, [.. OperatorAudit.Codes]);
    }

    private static async Task<Results<Accepted, ProblemHttpResult>> Handle(Guid id, StreamSession session, NpgsqlDataSource source, TimeProvider clock, CancellationToken ct) =>
        await session.Load<Connection>(id, ct) is null ? Unknown
        : await source.Run(Asked(id, session, clock), ct) == 1 ? TypedResults.Accepted($"/v1/connections/{id}")
        : Problems.Of(StatusCodes.Status409Conflict, "connection.not-kept-alive", "We hold no tokens for this connection any more. Ask the creator to reconnect.");

    private static async Task<Results<Ok<CommandOutcome>, ProblemHttpResult>> Command(
        Guid id, [FromHeader(Name = IdempotencyKey.Header)] string? key, HttpContext http, OperatorAudit audit, StreamSession session, NpgsqlDataSource source, TimeProvider clock, CancellationToken ct) =>
        await session.Load<Connection>(id, ct) is null
            ? Unknown
            : await audit.Run(http, "connection.refresh", $"{session.Organization} {id}", id, async token => await source.Run(Asked(id, session, clock), token));

    private static NpgsqlCommand Asked(Guid id, StreamSession session, TimeProvider clock) => UpkeepTable.Check(session.Organization, id, "asked-for", clock.GetUtcNow());

    private static ProblemHttpResult Unknown => Problems.Of(StatusCodes.Status404NotFound, "connection.unknown", "There is no such connection in this organization.");
}
