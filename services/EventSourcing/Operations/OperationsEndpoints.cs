using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EventSourcing.Operations;

/// <summary>Which dead letters.</summary>
/// <param name="Ids">These, up to 1,000.</param>
/// <param name="Queue">Or all of this queue.</param>
/// <param name="All">Or all of this service.</param>
/// <param name="Reason">Why they are thrown away; ids and codes, nothing personal: it is kept.</param>
public sealed record DeadLetterSelection(IReadOnlyList<Guid>? Ids = null, string? Queue = null, bool? All = null, string? Reason = null);

/// <summary>The routes by which those who run the system look after a service: the same ones in every service.</summary>
public static class OperationsEndpoints
{
    internal const string Tag = "Operations";
    private const int MostItems = 500;
    private const int UsualItems = 100;
    private const int LongestReason = 200;

    /// <summary>Examples for the description of the routes, of a service that receives from this queue.</summary>
    public static Dictionary<string, JsonNode> Examples(string queue, string shard) => new()
    {
        ["queue"] = queue,
        ["shard"] = shard,
        ["Idempotency-Key"] = "4d3f0d9e-requeue",
        ["DeadLetter.kind"] = "Fault",
        ["DeadLetter.exceptionType"] = "EventSourcing.MessageRefusedException",
        ["DeadLetter.reason"] = "creator.unknown",
        ["DeadLetterSelection.reason"] = "Of a creator who was erased meanwhile.",
        ["AuditEntry.command"] = "dead-letters.requeue",
        ["AuditEntry.by"] = "operator",
        ["AuditEntry.on"] = queue,
        ["AuditEntry.reason"] = "Of a creator who was erased meanwhile.",
        ["AuditEntry.state"] = "Done",
        ["ShardStatus.state"] = "Running",
        ["ShardStatus.lastErrorType"] = "RabbitMQ.Client.Exceptions.BrokerUnreachableException",
        ["Replay.state"] = "Running",
        ["Replay.by"] = "operator",
        ["Replay.errorType"] = "RabbitMQ.Client.Exceptions.PublishReturnException",
        ["ReplayRequest.organization"] = "aurora",
        ["Replay.organization"] = "aurora",
        ["ShardStatus.node"] = "replica-1/1234",
    };

    /// <summary>Maps the routes. The service says who may use them: <c>routes.MapGroup("").RequireScope("ops").MapOperations(...)</c>.</summary>
    /// <param name="routes">The service's, already guarded.</param>
    /// <param name="refuses">Puts a route's refusals into the service's description.</param>
    /// <param name="deadLetters">What operation ids call messages that were not taken in, of a service that has dead letters of another kind besides.</param>
    public static void MapOperations(this IEndpointRouteBuilder routes, Action<RouteHandlerBuilder, int, string[]> refuses, string deadLetters = "DeadLetters")
    {
        // Operators act for the service as a whole: their client need not say for which organization.
        var all = routes.MapGroup("/v1/operations").WithTags(Tag).FindsOrganizationItself();
        MapDeadLetters(all, refuses, deadLetters);
        MapRelay(all, refuses);
        MapAudit(all, refuses);
        if (routes.ServiceProvider.GetService<Replays>() is not null)
        {
            ReplayEndpoints.Map(all, refuses);
        }
    }

    private static void MapDeadLetters(RouteGroupBuilder routes, Action<RouteHandlerBuilder, int, string[]> refuses, string name)
    {
        var list = routes.MapGet("/dead-letters", ListDeadLetters).WithName($"List{name}").WithSummary("Messages that were not taken in")
            .WithDescription($"Of every organization, in the order they were fetched from the broker's error queues; `limit` is from 1 to {MostItems}. Never a body, and of a fault its type only.");
        refuses(list, 422, ["cursor.invalid", "limit.invalid", "queue.unknown"]);
        refuses(list, 503, ["broker.unavailable"]);

        var requeue = routes.MapPost("/dead-letters/requeue", Requeue).WithName($"Requeue{name}").WithSummary("Move dead letters back to their queue")
            .WithDescription("When what they failed for is mended. Same message id, same headers: what had been taken in after all changes nothing. Ids that are not there any more are passed over.");
        refuses(requeue, 422, ["selection.invalid", "queue.unknown", .. OperatorAudit.Codes]);
        refuses(requeue, 503, ["broker.unavailable"]);

        var discard = routes.MapPost("/dead-letters/discard", Discard).WithName($"Discard{name}").WithSummary("Throw dead letters away")
            .WithDescription("They cannot be brought back, but what they told can: the service that published them has it, and can replay it.");
        refuses(discard, 422, ["selection.invalid", "queue.unknown", "reason.missing", "reason.invalid", .. OperatorAudit.Codes]);
        refuses(discard, 503, ["broker.unavailable"]);
    }

    private static void MapRelay(RouteGroupBuilder routes, Action<RouteHandlerBuilder, int, string[]> refuses)
    {
        routes.MapGet("/relay", ShowRelay).WithName("ShowRelay").WithSummary("The relay and the projections")
            .WithDescription("How far each is, how far behind, and whether it runs. Any replica answers for all of them.");
        var one = routes.MapPost("/relay/{shard}/redrive", RedriveOne).WithName("RedriveShard").WithSummary("Start the relay or a projection anew")
            .WithDescription("From where it was. The replica that leads it obeys within a second or two: GET /v1/operations/relay shows when it did.");
        refuses(one, 404, ["shard.unknown"]);
        refuses(one, 422, [.. OperatorAudit.Codes]);
        var every = routes.MapPost("/relay/redrive", RedriveAll).WithName("RedriveRelay").WithSummary("Start the relay and all projections anew")
            .WithDescription("Each from where it was, by the replica that leads it. What runs well is not harmed.");
        refuses(every, 422, [.. OperatorAudit.Codes]);
    }

    private static void MapAudit(RouteGroupBuilder routes, Action<RouteHandlerBuilder, int, string[]> refuses)
    {
        var audit = routes.MapGet("/audit", ListAudit).WithName("ListAudit").WithSummary("What operators did")
            .WithDescription($"Newest first; `limit` is from 1 to {MostItems}. Who is the id of a client or a person, never a name.");
        refuses(audit, 422, ["cursor.invalid", "limit.invalid"]);
    }

    private static async Task<Results<Ok<DeadLetterPage>, ProblemHttpResult>> ListDeadLetters(IServiceProvider services, string? queue, string? cursor, int? limit, CancellationToken ct)
    {
        if (services.GetService<DeadLetters>() is not { } letters)
        {
            return TypedResults.Ok(new DeadLetterPage([], [], null));
        }

        if (Flaw(letters, queue) is { } flaw)
        {
            return flaw;
        }

        if (!Place.Read(cursor, Guid.Empty, out var after))
        {
            return Misplaced;
        }

        return limit is < 1 or > MostItems ? Unlimited : await Answered<Ok<DeadLetterPage>>(async () => TypedResults.Ok(await letters.Read(queue, after, limit ?? UsualItems, ct)));
    }

    private static Task<Results<Ok<CommandOutcome>, ProblemHttpResult>> Requeue(
        DeadLetterSelection request, [FromHeader(Name = IdempotencyKey.Header)] string? key, HttpContext http, OperatorAudit audit, IServiceProvider services) =>
        Select(services, request, letters => audit.Run(http, "dead-letters.requeue", On(request), request, ct => letters.Requeue(request.Queue, request.Ids, ct)));

    private static async Task<Results<Ok<CommandOutcome>, ProblemHttpResult>> Discard(
        DeadLetterSelection request, [FromHeader(Name = IdempotencyKey.Header)] string? key, HttpContext http, OperatorAudit audit, IServiceProvider services)
    {
        if (request.Reason?.Trim() is not { Length: > 0 } reason)
        {
            return Invalid("reason", "reason.missing", "Say why these messages are thrown away. The audit keeps it.");
        }

        // An address is the one personal thing people paste into such a field; what is kept here cannot be erased.
        return reason.Length > LongestReason || reason.Any(char.IsControl) || reason.Contains('@')
            ? Invalid("reason", "reason.invalid", $"A reason is one line of up to {LongestReason} characters, without an e-mail address: name the ticket or the cause.")
            : await Select(services, request, letters => audit.Run(http, "dead-letters.discard", On(request), request, ct => letters.Discard(request.Queue, request.Ids, ct), reason));
    }

    private static async Task<Results<Ok<CommandOutcome>, ProblemHttpResult>> Select(
        IServiceProvider services, DeadLetterSelection request, Func<DeadLetters, Task<Results<Ok<CommandOutcome>, ProblemHttpResult>>> act)
    {
        if (new[] { request.Queue is not null, request.Ids is not null, request.All is true }.Count(named => named) != 1 || request.Ids is { Count: 0 or > DeadLetters.MostIds })
        {
            return Invalid("ids", "selection.invalid", $"Name a queue, or from 1 to {DeadLetters.MostIds} ids, or all.");
        }

        return services.GetService<DeadLetters>() is not { } letters ? UnknownQueue
            : Flaw(letters, request.Queue) is { } flaw ? flaw
            : await Answered(() => act(letters));
    }

    private static async Task<Ok<ShardList>> ShowRelay(Shards shards, CancellationToken ct) => TypedResults.Ok(new ShardList(await shards.Read(ct)));

    private static Task<Results<Ok<CommandOutcome>, ProblemHttpResult>> RedriveAll([FromHeader(Name = IdempotencyKey.Header)] string? key, HttpContext http, OperatorAudit audit, Shards shards) =>
        Redrive(http, audit, shards, "all", shards.Names);

    private static async Task<Results<Ok<CommandOutcome>, ProblemHttpResult>> RedriveOne(string shard, [FromHeader(Name = IdempotencyKey.Header)] string? key, HttpContext http, OperatorAudit audit, Shards shards) =>
        shards.Names.Contains(shard)
            ? await Redrive(http, audit, shards, shard, [shard])
            : Problems.Of(StatusCodes.Status404NotFound, "shard.unknown", "There is no such shard here. GET /v1/operations/relay lists them.");

    private static Task<Results<Ok<CommandOutcome>, ProblemHttpResult>> Redrive(HttpContext http, OperatorAudit audit, Shards shards, string on, IReadOnlyList<string> which) =>
        audit.Run(http, "relay.redrive", on, on, async ct =>
        {
            await shards.Ask(which, ct);
            return which.Count;
        });

    private static async Task<Results<Ok<AuditPage>, ProblemHttpResult>> ListAudit(OperatorAudit audit, string? cursor, int? limit, CancellationToken ct) =>
        !Place.Read(cursor, long.MaxValue, out var before) ? Misplaced
        : limit is < 1 or > MostItems ? Unlimited
        : TypedResults.Ok(await audit.Read(before, limit ?? UsualItems, ct));

    private static string On(DeadLetterSelection selection) => selection.Queue ?? (selection.Ids is { } ids ? string.Join(' ', ids) : "all");

    private static ProblemHttpResult? Flaw(DeadLetters letters, string? queue) => queue is null || letters.Queues.Contains(queue) ? null : UnknownQueue;

    private static async Task<Results<T, ProblemHttpResult>> Answered<T>(Func<Task<Results<T, ProblemHttpResult>>> ask)
        where T : IResult
    {
        try
        {
            return await ask();
        }
        catch (Exception exception) when (Broker.IsAway(exception))
        {
            return BrokerAway;
        }
    }

    internal static ProblemHttpResult BrokerAway => Problems.Of(StatusCodes.Status503ServiceUnavailable, "broker.unavailable", "RabbitMQ does not answer. Nothing is lost; try again when it is back.");

    private static ProblemHttpResult UnknownQueue => Invalid("queue", "queue.unknown", "This service receives from no queue of this name. GET /v1/operations/dead-letters lists those with dead letters.");

    private static ProblemHttpResult Misplaced => Invalid("cursor", "cursor.invalid", "This is no cursor of this list. Give the `next` of the page before, or none to begin.");

    private static ProblemHttpResult Unlimited => Invalid("limit", "limit.invalid", $"limit must be from 1 to {MostItems}.");

    private static ProblemHttpResult Invalid(string field, string code, string detail) => Problems.Of(StatusCodes.Status422UnprocessableEntity, code, detail, field);
}
