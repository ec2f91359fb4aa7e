using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using EventSourcing;
using Npgsql;
using Outreach.Channels;

namespace Outreach.Features;

/// <summary>
/// Writes to whoever is due, on any number of replicas. An attempt is recorded before the message may leave and its outcome after, so that
/// after a crash between the two the message counts as in doubt, and is not sent again.
/// </summary>
public sealed partial class DeliverOutreach(
    WorkList work, StreamSessions sessions, IChannel channel, Contacts contacts, Invitation invitation, CompleteOutreach complete, WorkSignal signal, DeliveryOptions options,
    TimeProvider clock, ILogger<DeliverOutreach> logger) : BackgroundService
{
    public const string SourceName = "Outreach";

    private static readonly ActivitySource Source = new(SourceName);
    private static readonly Meter Meter = new(SourceName);
    private static readonly Counter<long> Verdicts = Meter.CreateCounter<long>("outreach.verdicts", "{recipient}", "Recipients that got their verdict.");
    private readonly string owner = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.CreateVersion7():N}";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var busy = await DeliverPage(stoppingToken);
                await complete.Run(stoppingToken);
                if (!busy)
                {
                    await signal.Wait(options.LookEvery, stoppingToken);
                }
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Nothing is lost: what was claimed comes due again when its lease ends.
                PageFailed(e.GetType().Name, e);
                await signal.Wait(options.OutagePause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<bool> DeliverPage(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var page = await work.Claim(owner, now, now + options.Lease, options.PageSize, ct);
        foreach (var group in page.GroupBy(queued => (queued.Organization, queued.Recipient.CampaignId, queued.Recipient.Template)))
        {
            var unbegun = new ConcurrentDictionary<Guid, QueuedRecipient>(group.Select(queued => KeyValuePair.Create(queued.Recipient.DeliveryId, queued)));
            var pause = TimeSpan.Zero;
            try
            {
                await DeliverGroup(group.Key.Organization, group.Key.CampaignId, group.Key.Template, unbegun, now + options.Lease, ct);
            }
            catch (Exception e) when (e is ContactsUnavailable or ChannelUnavailable)
            {
                pause = options.OutagePause;
                Waiting(unbegun.Count, e.Message, e.InnerException?.GetType().Name);
            }
            finally
            {
                if (!unbegun.IsEmpty)
                {
                    await work.Release(owner, [.. unbegun.Values], clock.GetUtcNow() + pause, CancellationToken.None);
                }
            }
        }

        return page.Count > 0;
    }

    private async Task DeliverGroup(
        string organization, Guid campaignId, string templateKey, ConcurrentDictionary<Guid, QueuedRecipient> unbegun, DateTimeOffset leaseEnd, CancellationToken ct)
    {
        await using var session = sessions.For(organization);
        Guid[] creators = [.. unbegun.Values.Select(queued => queued.Recipient.CreatorId).Distinct()];
        var knowledge = await Knowledge.Load(session, campaignId, templateKey, creators, ct);
        if (knowledge.Campaign is not { } campaign || Template.Find(templateKey) is not { } template)
        {
            throw new InvalidOperationException("An outreach was accepted for a campaign or template that is not known.");
        }

        await Screen(session, unbegun, recipient => knowledge.Candidate(recipient.CreatorId).Obstacle(template, campaign), ct);
        if (unbegun.IsEmpty)
        {
            return;
        }

        var now = clock.GetUtcNow();
        var people = await contacts.Of(organization, unbegun.Values.Select(queued => queued.Recipient.CreatorId), ct);
        var composed = unbegun.Values.ToDictionary(
            queued => queued.Recipient,
            queued => Composition.Of(template, people.GetValueOrDefault(queued.Recipient.CreatorId), knowledge.OrganizationName, campaign,
                invitation.Sign(organization, queued.Recipient, now), invitation.ExpiresOn(now)));
        await Screen(session, unbegun, recipient => composed[recipient].Obstacle, ct);

        var waiting = new ConcurrentQueue<QueuedRecipient>(unbegun.Values);
        await Task.WhenAll(Enumerable.Range(0, Math.Min(options.Lines, waiting.Count)).Select(_ => Task.Run(
            async () =>
            {
                ILine? line = null;
                try
                {
                    // What cannot be finished within the lease is left to whoever takes it next.
                    while (!ct.IsCancellationRequested && clock.GetUtcNow() < leaseEnd - options.Lease / 2 && waiting.TryDequeue(out var queued))
                    {
                        if (line is { IsOpen: false })
                        {
                            await line.DisposeAsync();
                            line = null;
                        }

                        line ??= await channel.Open(ct);
                        var recipient = queued.Recipient;
                        var person = people[recipient.CreatorId];
                        await Deliver(session, queued, line, unbegun, attempt => new Parcel(
                            recipient.DeliveryId, attempt, person.Name!, person.Email!, knowledge.OrganizationName!, composed[recipient].Letter!), leaseEnd);
                    }
                }
                finally
                {
                    await (line?.DisposeAsync() ?? ValueTask.CompletedTask);
                }
            },
            CancellationToken.None)));
    }

    private async Task Screen(StreamSession session, ConcurrentDictionary<Guid, QueuedRecipient> unbegun, Func<Recipient, string?> obstacle, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // Two outreaches in one page may share a delivery; the second of them is looked at when the first has had its turn.
        foreach (var turn in Turns(unbegun.Values.Select(queued => queued.Recipient)))
        {
            var recipients = turn.ToDictionary(Delivery.IdOf);
            var decisions = new Dictionary<Guid, Decision>();
            await session.DecideAllAndSave<Delivery>(
                recipients.Keys,
                (id, state) => decisions[id] = Screen(state, recipients[id], obstacle(recipients[id]), now, options.Window),
                ct,
                alongside: operations =>
                {
                    foreach (var (id, decision) in decisions)
                    {
                        Settle(operations, recipients[id], decision, now);
                    }
                });

            foreach (var (id, decision) in decisions.Where(decided => decided.Value is Decision.Recorded))
            {
                unbegun.TryRemove(recipients[id].DeliveryId, out _);
                Count(decision);
            }
        }
    }

    private async Task Deliver(
        StreamSession session, QueuedRecipient queued, ILine line, ConcurrentDictionary<Guid, QueuedRecipient> unbegun, Func<int, Parcel> parcel, DateTimeOffset leaseEnd)
    {
        var recipient = queued.Recipient;
        ActivityContext.TryParse(queued.Trace, null, isRemote: true, out var trace);
        using var activity = Source.StartActivity("deliver outreach", ActivityKind.Producer, trace);
        activity?.SetTag("outreach.id", recipient.OutreachId);
        activity?.SetTag("outreach.delivery.id", recipient.DeliveryId);

        var now = clock.GetUtcNow();
        Decision start = Decision.Nothing;
        // From here on the recipient is not given back before its lease ends: if our own commit is lost on the way, nobody may think it never began.
        unbegun.TryRemove(recipient.DeliveryId, out _);
        await session.DecideAndSave<Delivery>(
            Delivery.IdOf(recipient), state => start = Start(state, recipient, now, options.Window), CancellationToken.None, alongside: operations => Settle(operations, recipient, start, now));
        if (start is not Decision.Recorded { Events: [AttemptStarted { Attempt: var attempt }] })
        {
            Count(start);
            return;
        }

        var answer = await line.Send(parcel(attempt));
        await Conclude(session, recipient, attempt, answer, leaseEnd);
    }

    private async Task Conclude(StreamSession session, Recipient recipient, int attempt, Answer answer, DateTimeOffset leaseEnd)
    {
        while (true)
        {
            var now = clock.GetUtcNow();
            Decision decision = Decision.Nothing;
            try
            {
                await session.DecideAndSave<Delivery>(
                    Delivery.IdOf(recipient),
                    state => decision = Conclude(state, recipient, attempt, answer, options.MaxAttempts),
                    CancellationToken.None,
                    alongside: operations =>
                    {
                        Settle(operations, recipient, decision, now);
                        if (decision is Decision.Recorded { Events: [AttemptDeferred] })
                        {
                            WorkList.Postpone(operations, recipient, options.NextAttempt(attempt, now));
                        }
                    });
                Count(decision);
                return;
            }
            catch (Exception e) when ((e is NpgsqlException || e.InnerException is NpgsqlException) && clock.GetUtcNow() < leaseEnd)
            {
                // We know what became of the message and the database does not. As long as nobody else may judge it, telling it is worth another try.
                OutcomeNotSaved(recipient.DeliveryId, e.GetType().Name);
                await Task.Delay(TimeSpan.FromMilliseconds(500), clock);
            }
        }
    }

    /// <summary>Before anything is written to anybody: what was begun and never finished, who is not to be written to, who already was.</summary>
    public static Decision Screen(Delivery? delivery, Recipient recipient, string? obstacle, DateTimeOffset now, TimeSpan window) => delivery switch
    {
        { } d when d.HasVerdictFor(recipient.OutreachId) => Decision.Nothing,
        { Progress: Progress.Sending } d when d.IsHeldBy(recipient.OutreachId) => Decision.Of(new DeliveryInDoubt(recipient, d.Attempts)),
        _ when obstacle is not null => Decision.Of(new DeliverySkipped(recipient, obstacle)),
        { } d when !d.IsHeldBy(recipient.OutreachId) && d.BlocksAnother(now, window) => Decision.Of(new DeliverySkipped(recipient, "already-invited")),
        _ => Decision.Nothing,
    };

    /// <summary>May the message leave now, and who says so? Only the worker whose start is recorded may send.</summary>
    public static Decision Start(Delivery? delivery, Recipient recipient, DateTimeOffset now, TimeSpan window) => delivery switch
    {
        { } d when d.HasVerdictFor(recipient.OutreachId) => Decision.Nothing,
        { } d when d.IsHeldBy(recipient.OutreachId) => d.Progress is Progress.Waiting ? Decision.Of(new AttemptStarted(recipient, d.Attempts + 1, now)) : Decision.Nothing,
        { } d when d.BlocksAnother(now, window) => Decision.Of(new DeliverySkipped(recipient, "already-invited")),
        _ => Decision.Of(new AttemptStarted(recipient, 1, now)),
    };

    /// <summary>What the answer means for the delivery. One that was in doubt meanwhile is settled by an answer that came late after all.</summary>
    public static Decision Conclude(Delivery? delivery, Recipient recipient, int attempt, Answer answer, int maxAttempts)
    {
        if (delivery is not { Progress: Progress.Sending or Progress.InDoubt } d || !d.IsHeldBy(recipient.OutreachId) || d.Attempts != attempt)
        {
            return Decision.Nothing;
        }

        return answer switch
        {
            Answer.Accepted => Decision.Of(new MessageAccepted(recipient, attempt, recipient.DeliveryId)),
            _ when d.Progress is Progress.InDoubt => Decision.Nothing,
            Answer.Refused refused => Decision.Of(new DeliveryFailed(recipient, refused.Reason)),
            Answer.TryLater later when attempt < maxAttempts => Decision.Of(new AttemptDeferred(recipient, attempt, later.Reason)),
            Answer.TryLater => Decision.Of(new DeliveryFailed(recipient, "attempts-exhausted")),
            _ => Decision.Of(new DeliveryInDoubt(recipient, attempt)),
        };
    }

    // The verdict in the list follows from the event and from nothing else.
    private static void Settle(Marten.IDocumentOperations operations, Recipient recipient, Decision decision, DateTimeOffset now)
    {
        if (VerdictOf(decision) is var (verdict, reason))
        {
            WorkList.Settle(operations, recipient, verdict, reason, now);
        }
    }

    private static (Verdict Verdict, string? Reason)? VerdictOf(Decision decision) => decision is Decision.Recorded { Events: [var fact] }
        ? fact switch
        {
            MessageAccepted => (Verdict.Sent, null),
            DeliverySkipped e => (Verdict.Skipped, e.Reason),
            DeliveryFailed e => (Verdict.Failed, e.Reason),
            DeliveryInDoubt => (Verdict.InDoubt, "in-doubt"),
            _ => null,
        }
        : null;

    private static void Count(Decision decision)
    {
        if (VerdictOf(decision) is var (verdict, reason))
        {
            Verdicts.Add(1, new KeyValuePair<string, object?>("verdict", verdict.ToString()), new KeyValuePair<string, object?>("reason", reason));
        }
    }

    private static IEnumerable<IReadOnlyList<Recipient>> Turns(IEnumerable<Recipient> recipients)
    {
        var perDelivery = recipients.GroupBy(Delivery.IdOf).Select(group => group.ToArray()).ToArray();
        for (var turn = 0; perDelivery.Any(group => group.Length > turn); turn++)
        {
            yield return [.. perDelivery.Where(group => group.Length > turn).Select(group => group[turn])];
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Count} recipients wait: {Cause} {Fault}")]
    private partial void Waiting(int count, string cause, string? fault);

    [LoggerMessage(LogLevel.Error, "A page of deliveries failed ({Fault}); it comes due again when its lease ends.")]
    private partial void PageFailed(string fault, Exception exception);

    [LoggerMessage(LogLevel.Warning, "The outcome of delivery {DeliveryId} is not saved yet ({Fault}); trying again.")]
    private partial void OutcomeNotSaved(Guid deliveryId, string fault);
}
