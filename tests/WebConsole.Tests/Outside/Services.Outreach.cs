using System.Collections.Concurrent;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace WebConsole.Tests.Outside;

public sealed partial class Services
{
    private readonly ConcurrentDictionary<Guid, Sent> batches = new();
    private readonly ConcurrentDictionary<Guid, int> asked = new();

    /// <summary>The next outreach is recorded, but whoever asked for it hears 503.</summary>
    public bool LosesNextAnswer { get; set; }

    /// <summary>Outreach moves on only while this is so; a test that pauses one holds it still here.</summary>
    public bool MovesOn { get; set; } = true;

    public IReadOnlyCollection<Sent> Batches => [.. batches.Values];

    private void MapOutreach(WebApplication app)
    {
        MapTemplates(app);
        MapMailSettings(app);
        app.MapPost("/v1/outreach/preview", (Ask ask) =>
        {
            var items = Recipients(ask).Select(creator =>
            {
                var reason = Obstacle(creator);
                return new
                {
                    creatorId = creator.Id,
                    willSend = reason is null,
                    reason,
                    subject = reason is null ? Fill(ask.Message?.Subject ?? Words(ask.Template).Subject, creator) : null,
                    text = reason is null ? Fill(ask.Message?.Text ?? Words(ask.Template).Text, creator) : null,
                    html = (string?)null,
                };
            }).ToList();
            return new { items, counts = new { willSend = items.Count(item => item.willSend), skipped = items.Where(item => !item.willSend).CountBy(item => item.reason!).ToDictionary() } };
        });
        app.MapPost("/v1/outreach", (Ask ask, HttpContext http) =>
        {
            var key = http.Request.Headers["Idempotency-Key"].ToString();
            IdempotencyKeys.Enqueue(key);
            var id = keys.GetOrAdd(key, _ => Guid.CreateVersion7());
            batches[id] = new(ask.CampaignId, ask.Template, [.. Recipients(ask).Select(creator => creator.Id)], ask.Filter, ask.Message, ask.SendAt, ask.FollowUp);
            if (LosesNextAnswer)
            {
                LosesNextAnswer = false;
                return Results.StatusCode(503);
            }

            return Results.Accepted($"/v1/outreach/{id}", new { id });
        });
        app.MapGet("/v1/outreach/{id:guid}", (Guid id) => Progress(id));
        app.MapGet("/v1/outreach/{id:guid}/progress", (Guid id, CancellationToken ct) => Results.ServerSentEvents(Watch(id, ct)));
        app.MapGet("/v1/outreach/{id:guid}/recipients", (Guid id, string? verdict, int? limit) => new
        {
            items = Verdicts(id, asked[id]).Where(one => verdict is null || one.Verdict == verdict).Take(limit ?? 50)
                .Select(one => new { creatorId = one.Creator, verdict = one.Verdict, reason = one.Reason, at = Now }),
            next = (string?)null,
        });
        foreach (var (verb, status) in ((string, string)[])[("pause", "Paused"), ("resume", "Running"), ("cancel", "Cancelled")])
        {
            app.MapPost($"/v1/outreach/{{id:guid}}/{verb}", (Guid id) =>
            {
                batches[id].Steered = status;
                return Results.NoContent();
            });
        }
    }

    private async IAsyncEnumerable<SseItem<object>> Watch(Guid id, [EnumeratorCancellation] CancellationToken ct)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(150));
        do
        {
            // Every look finds the outreach further on: queued, half done, completed.
            if (MovesOn && batches[id] is { Steered: "Running", SendAt: null })
            {
                asked.AddOrUpdate(id, 1, (_, times) => times + 1);
            }

            var isOver = Status(id) is "Completed" or "Cancelled";
            yield return new(Progress(id), isOver ? "over" : "progress");
            if (isOver)
            {
                yield break;
            }
        }
        while (await timer.WaitForNextTickAsync(ct));
    }

    private object Progress(Guid id)
    {
        var verdicts = Verdicts(id, asked.GetOrAdd(id, 0));
        int Counted(string verdict) => verdicts.Count(one => one.Verdict == verdict);
        var batch = batches[id];
        return new
        {
            id,
            campaignId = batch.Campaign,
            template = batch.Template,
            status = Status(id),
            counts = new { queued = Counted("Queued"), sent = Counted("Sent"), skipped = Counted("Skipped"), failed = Counted("Failed"), opened = 0, clicked = 0, connected = 0 },
            createdAt = Now,
            sendAt = batch.SendAt,
            followUp = batch.FollowUp,
            parent = (Guid?)null,
        };
    }

    private string Status(Guid id) => batches[id] is { Steered: not "Running" and var steered } ? steered
        : batches[id].SendAt is not null ? "Scheduled"
        : Verdicts(id, asked.GetOrAdd(id, 0)).Exists(one => one.Verdict == "Queued") ? "Running" : "Completed";

    private List<(Guid Creator, string Verdict, string? Reason)> Verdicts(Guid id, int times)
    {
        var batch = batches[id];
        return [.. batch.Creators.Select((creator, place) => batch.Steered is "Cancelled" ? (creator, "Skipped", "cancelled")
            : times > 0 && Obstacle(Of(batch.Campaign, creator)) is { } reason ? (creator, "Skipped", reason)
            : times >= 3 || (times == 2 && place % 2 == 0) ? (creator, place % 9 == 8 ? "Failed" : "Sent", place % 9 == 8 ? "mailbox-unavailable" : null)
            : (creator, "Queued", (string?)null))];
    }

    private IEnumerable<CreatorOf> Recipients(Ask ask) => ask.CreatorIds?.Select(id => Of(ask.CampaignId, id)) ?? Find(ask.CampaignId)!.Creators.Where(creator => Matches(creator, ask.Filter!));

    private static bool Matches(CreatorOf creator, string filter)
    {
        var query = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(filter);
        return !query.TryGetValue("type", out var type) || !query.TryGetValue("status", out var status) || status.ToString().Split(',').Contains(creator.Cell(type.ToString()).Status);
    }

    private CreatorOf Of(Guid campaign, Guid id) => Find(campaign)!.Creators.First(creator => creator.Id == id);

    private string? Obstacle(CreatorOf creator) => AllTypes.All(type => creator.Cell(type).Status is "Connected") ? "already-connected"
        : suppressed.Keys.Any(key => key.Creator == creator.Id) ? "suppressed"
        : null;

    private static string Fill(string words, CreatorOf creator) => words
        .Replace("{{ creator.firstName }}", creator.Name.Split(' ')[0], StringComparison.Ordinal)
        .Replace("{{ campaign.name }}", "Spring Glow 2027", StringComparison.Ordinal)
        .Replace("{{ organization.name }}", "Aurora Talent", StringComparison.Ordinal)
        .Replace("{{ invitation.url }}", "http://localhost:5101/hub/i/…", StringComparison.Ordinal);

    public sealed record Edit(string? Subject, string? Text, string? Html);

    public sealed record FollowUpOf(int AfterDays, int Times);

    /// <summary>One outreach that was asked for.</summary>
    public sealed record Sent(Guid Campaign, string Template, Guid[] Creators, string? Filter, Edit? Message, DateTimeOffset? SendAt, FollowUpOf? FollowUp)
    {
        public string Steered { get; set; } = "Running";
    }

    private sealed record Ask(Guid CampaignId, string Template, Guid[]? CreatorIds, string? Filter, Edit? Message, DateTimeOffset? SendAt, FollowUpOf? FollowUp);
}
