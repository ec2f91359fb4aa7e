using System.Security.Claims;
using Marten;
using Marten.Events;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EventSourcing.Operations;

/// <summary>What a command did.</summary>
/// <param name="Id">Under which the audit has it.</param>
/// <param name="Affected">To how many things something was done.</param>
public sealed record CommandOutcome(Guid Id, long Affected);

/// <summary>One command in the audit.</summary>
/// <param name="Id">The command.</param>
/// <param name="At">When it was given (UTC).</param>
/// <param name="Command">Which: <c>dead-letters.requeue</c>, <c>relay.redrive</c>, ...</param>
/// <param name="By">Who gave it: the id of the client or person of the access token.</param>
/// <param name="On">What it was done to.</param>
/// <param name="Reason">Why, where the operator had to say.</param>
/// <param name="State">Done, Failed, or UnderWay: it is being carried out, or was when its process ended.</param>
/// <param name="Affected">To how many things something was done; null while it is under way.</param>
/// <param name="EndedAt">When it ended (UTC).</param>
public sealed record AuditEntry(Guid Id, DateTimeOffset At, string Command, string By, string? On, string? Reason, string State, long? Affected, DateTimeOffset? EndedAt);

/// <summary>Commands, newest first.</summary>
/// <param name="Items">The commands.</param>
/// <param name="Next">Give it as <c>cursor</c> for older ones; null on the last page.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Items, string? Next);

/// <summary>
/// Carries out operators' commands and keeps who gave which, when, on what, and what it did: events in the service's own store, under a tenant
/// that no access token can name.
/// </summary>
public sealed class OperatorAudit(IDocumentStore store)
{
    /// <summary>With which codes a command is refused because of its key (422).</summary>
    public static readonly IReadOnlyList<string> Codes = ["idempotency.key-invalid", "idempotency.key-reused"];

    private const int LongestOn = 500;

    /// <summary>
    /// Carries a command out and records it before and after. Under a key that has been used for it, it is not carried out again: the answer is
    /// that of the first time. One that a crash or a fault cut short is carried out again, so a command must stand being repeated.
    /// </summary>
    /// <param name="http">The request: whose it is, and its key.</param>
    /// <param name="command">The command's name.</param>
    /// <param name="on">What it is done to.</param>
    /// <param name="request">All that tells this request from another; digested, not kept.</param>
    /// <param name="act">Does it, and answers to how many things. What was begun is finished though the caller has gone.</param>
    /// <param name="reason">Why.</param>
    public Task<Results<Ok<CommandOutcome>, ProblemHttpResult>> Run(
        HttpContext http, string command, string? on, object? request, Func<CancellationToken, Task<long>> act, string? reason = null) => Run(http, command, on, request, (_, ct) => act(ct), reason);

    /// <summary>The same for what needs the command's id.</summary>
    internal async Task<Results<Ok<CommandOutcome>, ProblemHttpResult>> Run(
        HttpContext http, string command, string? on, object? request, Func<Guid, CancellationToken, Task<long>> act, string? reason = null)
    {
        var key = http.Request.Headers[IdempotencyKey.Header].ToString() is { Length: > 0 } given ? given : null;
        if (IdempotencyKey.Flaw(key) is { } flaw)
        {
            return Problems.Of(flaw);
        }

        var by = WhoIs(http.User);
        // Per person: two operators who hit upon the same key mean two commands.
        var id = IdempotencyKey.StreamOf(by, "operator-command", key);
        await using var session = new StreamSession(store, () => OperatorCommand.Tenant);
        var begun = new OperatorCommandBegun(command, by, on is { Length: > LongestOn } ? on[..LongestOn] : on, reason, OperatorCommand.Digest(command, request));
        var begin = await session.DecideAndSave<OperatorCommand>(id, state => OperatorCommand.Begin(state, begun), CancellationToken.None);
        if (begin.Decision is Decision.Refused refusal)
        {
            return Problems.Of(refusal);
        }

        if (begin.State is { State: CommandState.Done, Affected: { } before })
        {
            return TypedResults.Ok(new CommandOutcome(id, before));
        }

        var ended = new OperatorCommandEnded(CommandState.Failed, 0);
        try
        {
            ended = new(CommandState.Done, await act(id, CancellationToken.None));
        }
        finally
        {
            await session.DecideAndSave<OperatorCommand>(id, state => OperatorCommand.End(state, ended), CancellationToken.None);
        }

        return TypedResults.Ok(new CommandOutcome(id, ended.Affected));
    }

    /// <summary>The commands given before a place, newest first.</summary>
    internal async Task<AuditPage> Read(long before, int limit, CancellationToken ct)
    {
        await using var session = store.QuerySession(OperatorCommand.Tenant);
        var begun = await session.Events.QueryAllRawEvents()
            .Where(e => e.Sequence < before && e.EventTypesAre(typeof(OperatorCommandBegun)))
            .OrderByDescending(e => e.Sequence).Take(limit + 1).ToListAsync(ct);
        Guid[] ids = [.. begun.Take(limit).Select(e => e.StreamId)];
        var ends = (await session.Events.QueryAllRawEvents().Where(e => e.StreamId.IsOneOf(ids) && e.EventTypesAre(typeof(OperatorCommandEnded))).ToListAsync(ct))
            .GroupBy(e => e.StreamId).ToDictionary(own => own.Key, own => own.MaxBy(e => e.Version)!);
        return new(
            [.. begun.Take(limit).Select(e =>
            {
                var (asked, end) = ((OperatorCommandBegun)e.Data, ends.GetValueOrDefault(e.StreamId));
                var ended = end?.Data as OperatorCommandEnded;
                return new AuditEntry(e.StreamId, e.Timestamp, asked.Command, asked.By, asked.On, asked.Reason, ended?.Outcome ?? CommandState.UnderWay, ended?.Affected, end?.Timestamp);
            })],
            begun.Count > limit ? Place.Of(begun[limit - 1].Sequence) : null);
    }

    /// <summary>The person or client of an access token: an id, never a name or an address.</summary>
    public static string WhoIs(ClaimsPrincipal user) => user.FindFirst("sub")?.Value ?? user.FindFirst("client_id")?.Value ?? "unknown";
}
