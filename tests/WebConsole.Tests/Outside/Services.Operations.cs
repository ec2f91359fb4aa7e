using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace WebConsole.Tests.Outside;

public sealed partial class Services
{
    private readonly ConcurrentDictionary<Guid, LetterOf> letters = new();
    private readonly ConcurrentDictionary<string, ConcurrentStack<CommandOf>> commands = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> redriven = new();
    private bool failing = true;

    /// <summary>Two messages that Outreach did not take in.</summary>
    public void LeaveDeadLetters()
    {
        letters.Clear();
        foreach (var number in (int[])[1, 2])
        {
            var id = new Guid($"0198f000-0000-7000-8000-00000000a00{number}");
            letters[id] = new(id, "outreach-creator-registered", "CreatorRegistered", number, number == 1 ? "System.InvalidOperationException" : "EventSourcing.MessageRefusedException", number == 1 ? null : "organization.malformed");
        }
    }

    private void MapOperations(WebApplication app, string service)
    {
        app.MapGet("/v1/operations/dead-letters", () =>
        {
            var own = service is "outreach" ? letters.Values.OrderBy(letter => letter.Sequence).ToList() : [];
            return new
            {
                queues = own.GroupBy(letter => letter.Queue).Select(queue => new { queue = queue.Key, messages = queue.Count(), oldest = Now.AddHours(-2) }),
                items = own.Select(letter => new
                {
                    id = letter.Id,
                    queue = letter.Queue,
                    kind = "Fault",
                    messageId = letter.Id.ToString(),
                    contract = letter.Contract,
                    organization = "aurora",
                    subject = Creator((int)letter.Sequence).Id.ToString(),
                    sequence = letter.Sequence,
                    faultedAt = Now.AddHours(-2),
                    exceptionType = letter.ExceptionType,
                    reason = letter.Reason,
                }),
                next = (string?)null,
            };
        });
        app.MapPost("/v1/operations/dead-letters/requeue", (SelectionOf selection) => Results.Json(Note(service, "dead-letters.requeue", On(selection), null, Take(selection))));
        app.MapPost("/v1/operations/dead-letters/discard", (SelectionOf selection) => selection.Reason is { Length: > 0 } reason && !reason.Contains('@')
            ? Results.Json(Note(service, "dead-letters.discard", On(selection), reason, Take(selection)))
            : Problem(422, "reason.invalid", "A reason is one line of up to 200 characters, without an e-mail address: name the ticket or the cause."));
        app.MapGet("/v1/operations/relay", () => new
        {
            items = ((string[])(service is "campaign" ? ["CampaignViews:V2:All", "IntegrationRelay:All"] : ["IntegrationRelay:All"])).Select(shard =>
            {
                var stuck = service is "outreach" && !redriven.ContainsKey(service);
                return new
                {
                    shard,
                    position = 48_210,
                    highWaterMark = stuck ? 48_352 : 48_210,
                    lagEvents = stuck ? 142 : 0,
                    lagSeconds = stuck ? 437.5 : 0,
                    state = stuck ? "Paused" : "Running",
                    lastErrorType = stuck ? "RabbitMQ.Client.Exceptions.BrokerUnreachableException" : null,
                    lastErrorAt = stuck ? Now.AddMinutes(-7) : (DateTimeOffset?)null,
                    redriveAskedAt = redriven.TryGetValue(service, out var at) ? at : (DateTimeOffset?)null,
                    redrivenAt = redriven.TryGetValue(service, out var done) ? done : (DateTimeOffset?)null,
                };
            }),
        });
        app.MapPost("/v1/operations/relay/{shard}/redrive", (string shard) =>
        {
            redriven[service] = Now;
            return Results.Json(Note(service, "relay.redrive", shard, null, 1));
        });
        MapReplays(app, service);
        app.MapGet("/v1/operations/audit", () => new { items = commands.GetValueOrDefault(service) ?? [], next = (string?)null });
    }

    private static string On(SelectionOf selection) => selection.Queue ?? string.Join(' ', selection.Ids!);

    private int Take(SelectionOf selection) => letters.Values.Count(letter => (selection.Queue == letter.Queue || selection.Ids?.Contains(letter.Id) is true) && letters.TryRemove(letter.Id, out _));

    private object Note(string service, string command, string on, string? reason, int affected)
    {
        var id = Guid.NewGuid();
        commands.GetOrAdd(service, _ => new()).Push(new(id, Now, command, "ada", on, reason, "Done", affected, Now));
        return new { id, affected };
    }

    private sealed record LetterOf(Guid Id, string Queue, string Contract, long Sequence, string ExceptionType, string? Reason);

    private sealed record SelectionOf(IReadOnlyList<Guid>? Ids, string? Queue, string? Reason);

    private sealed record CommandOf(Guid Id, DateTimeOffset At, string Command, string By, string? On, string? Reason, string State, long? Affected, DateTimeOffset? EndedAt);
}
