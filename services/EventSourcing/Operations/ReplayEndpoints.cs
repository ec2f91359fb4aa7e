using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EventSourcing.Operations;

/// <summary>What to say again, and to whom.</summary>
/// <param name="Queue">A queue of the broker: one of our services', or anybody's.</param>
/// <param name="Organization">Whose events; every organization's if not given.</param>
/// <param name="After">A cursor of this service's feed: what followed it.</param>
/// <param name="Since">Or a moment: what was recorded from then on. With neither, everything from the first event on.</param>
/// <param name="Types">Names of contracts; if not given, what the queue's name says it receives, and all for a queue that is named otherwise.</param>
/// <param name="PerSecond">How many messages a second at most: 200 if not given, up to 2,000.</param>
public sealed record ReplayRequest(string? Queue = null, string? Organization = null, string? After = null, DateTimeOffset? Since = null, IReadOnlyList<string>? Types = null, int? PerSecond = null);

/// <summary>The routes of replays, of a service that publishes.</summary>
internal static class ReplayEndpoints
{
    private const int UsualPace = 200;
    private const int FastestPace = 2_000;

    public static void Map(RouteGroupBuilder routes, Action<RouteHandlerBuilder, int, string[]> refuses)
    {
        var begin = routes.MapPost("/replays", Begin).WithName("BeginReplay").WithSummary("Say again to one queue what was published")
            .WithDescription("""
                Straight to the queue, with the same message ids and headers, at a bounded pace, up to the newest event of now. A consumer with an inbox takes in what it never had, and drops what it had within the time its
                inbox remembers (30 days); after that the sequence in the body tells old from new. A crash repeats some messages. One replay at a time to a queue.
                """);
        refuses(begin, 409, ["replay.under-way"]);
        refuses(begin, 422, ["queue.missing", "queue.unknown", "organization.malformed", "cursor.invalid", "place.ambiguous", "type.unknown", "pace.invalid", .. OperatorAudit.Codes]);
        refuses(begin, 503, ["broker.unavailable"]);
        routes.MapGet("/replays", List).WithName("ListReplays").WithSummary("Replays, newest first").WithDescription("The newest 50, with how far each is.");
        var one = routes.MapGet("/replays/{id:guid}", Show).WithName("ShowReplay").WithSummary("How far a replay is").WithDescription("It is through when its position is its until.");
        refuses(one, 404, ["replay.unknown"]);
        var cancel = routes.MapPost("/replays/{id:guid}/cancel", Cancel).WithName("CancelReplay").WithSummary("Stop a replay").WithDescription("What has been sent stays sent. One that is over stays as it is.");
        refuses(cancel, 404, ["replay.unknown"]);
        refuses(cancel, 422, [.. OperatorAudit.Codes]);
    }

    private static async Task<Results<Accepted<Replay>, ProblemHttpResult>> Begin(
        ReplayRequest request, [FromHeader(Name = IdempotencyKey.Header)] string? key, HttpContext http, OperatorAudit audit, IServiceProvider services, TimeProvider clock, CancellationToken ct)
    {
        if (request.Queue is not { Length: > 0 and <= 255 } queue)
        {
            return Invalid("queue", "queue.missing", "Name the queue that the messages go to.");
        }

        if (request.Organization is { } organization && !OrganizationScope.IsWellFormed(organization))
        {
            return Invalid("organization", "organization.malformed", "An organization id is 1 to 63 lower-case letters, digits and inner hyphens.");
        }

        if (request.After is not null && request.Since is not null)
        {
            return Invalid("since", "place.ambiguous", "Give a cursor or a moment, not both.");
        }

        if (request.PerSecond is < 1 or > FastestPace)
        {
            return Invalid("perSecond", "pace.invalid", $"A replay sends from 1 to {FastestPace} messages a second.");
        }

        var (replays, table) = (services.GetRequiredService<Replays>(), services.GetRequiredService<ReplayTable>());
        if (request.Types?.Except(replays.Types).FirstOrDefault() is { } unknown)
        {
            return Invalid("types", "type.unknown", $"This service publishes no {(unknown.Length > 64 ? unknown[..64] : unknown)}. It publishes {string.Join(", ", replays.Types)}.");
        }

        if (await services.GetRequiredService<EventFeed>().PlaceOf(request.After, ct) is not { } after)
        {
            return Invalid("after", "cursor.invalid", "This is no cursor of this service's feed.");
        }

        try
        {
            if (await services.GetRequiredService<Broker>().Count(queue, ct) is null)
            {
                return Invalid("queue", "queue.unknown", "The broker has no queue of this name.");
            }

            var outcome = await audit.Run(http, "replays.begin", queue, request, async (id, token) => await table.Begin(
                new(
                    id, queue, request.Organization, request.Types is { Count: > 0 } types ? types : replays.MeantFor(queue), ReplayTable.Running, 0,
                    request.Since is { } since ? await replays.Behind(since, token) : after, 0, await replays.Mark(token), request.PerSecond ?? UsualPace, OperatorAudit.WhoIs(http.User), clock.GetUtcNow(), null, null),
                token));
            return outcome.Result switch
            {
                Ok<CommandOutcome> { Value: { } done } => TypedResults.Accepted($"/v1/operations/replays/{done.Id}", await table.One(done.Id, ct)),
                var refused => (ProblemHttpResult)refused,
            };
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "replay.under-way", "A replay to this queue is under way. Wait for its end, or cancel it.");
        }
        catch (Exception exception) when (Broker.IsAway(exception))
        {
            return OperationsEndpoints.BrokerAway;
        }
    }

    private static async Task<Ok<ReplayList>> List(IServiceProvider services, CancellationToken ct) => TypedResults.Ok(new ReplayList(await services.GetRequiredService<ReplayTable>().Newest(ct)));

    private static async Task<Results<Ok<Replay>, ProblemHttpResult>> Show(Guid id, IServiceProvider services, CancellationToken ct) =>
        await services.GetRequiredService<ReplayTable>().One(id, ct) is { } replay ? TypedResults.Ok(replay) : Unknown;

    private static async Task<Results<Ok<CommandOutcome>, ProblemHttpResult>> Cancel(
        Guid id, [FromHeader(Name = IdempotencyKey.Header)] string? key, HttpContext http, OperatorAudit audit, IServiceProvider services, TimeProvider clock, CancellationToken ct)
    {
        var table = services.GetRequiredService<ReplayTable>();
        return await table.One(id, ct) is { } replay
            ? await audit.Run(http, "replays.cancel", replay.Queue, id, async token => await table.Cancel(id, clock.GetUtcNow(), token))
            : Unknown;
    }

    private static ProblemHttpResult Unknown => Problems.Of(StatusCodes.Status404NotFound, "replay.unknown", "There is no such replay. GET /v1/operations/replays lists them.");

    private static ProblemHttpResult Invalid(string field, string code, string detail) => Problems.Of(StatusCodes.Status422UnprocessableEntity, code, detail, field);
}
