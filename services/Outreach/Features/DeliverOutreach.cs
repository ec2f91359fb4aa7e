using System.Collections.Concurrent;
using EventSourcing;
using Outreach.Channels;
using Outreach.Pages;

namespace Outreach.Features;

/// <summary>Writes to whoever is due, on any number of replicas: takes a page of the work list, screens it, asks for names and addresses, and sends.</summary>
public sealed partial class DeliverOutreach(
    WorkList work, StreamSessions sessions, IChannel channel, Contacts contacts, Invitation invitation, Suppressions suppressions, Senders senders, UnsubscribeLink unsubscribe, SendMessage send, CompleteOutreach complete,
    WorkSignal signal, DeliveryOptions options, TimeProvider clock, ILogger<DeliverOutreach> logger) : BackgroundService
{
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
                // Nothing is lost: what was claimed comes due again, at the latest when its lease ends.
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
            var unbegun = new ConcurrentDictionary<Recipient, QueuedRecipient>(group.Select(queued => KeyValuePair.Create(queued.Recipient, queued)));
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
        string organization, Guid campaignId, string templateKey, ConcurrentDictionary<Recipient, QueuedRecipient> unbegun, DateTimeOffset leaseEnd,
        CancellationToken ct)
    {
        await using var session = sessions.For(organization);
        var knowledge = await Knowledge.Load(session, campaignId, templateKey, [.. unbegun.Keys.Select(recipient => recipient.CreatorId).Distinct()], ct);
        if (knowledge.Campaign is not { } campaign || Template.Find(templateKey) is not { } template)
        {
            throw new InvalidOperationException("An outreach was accepted for a campaign or template that is not known.");
        }

        var suppressed = await suppressions.Of(organization, campaignId, [.. unbegun.Keys.Select(recipient => recipient.CreatorId)], ct);
        await Screen(session, unbegun, recipient =>
            suppressed.ContainsKey(recipient.CreatorId) ? "suppressed" : knowledge.Candidate(recipient.CreatorId).Obstacle(template, campaign), ct);
        if (unbegun.IsEmpty)
        {
            return;
        }

        var now = clock.GetUtcNow();
        var sender = await senders.Of(organization, ct);
        var people = await contacts.Of(organization, unbegun.Keys.Select(recipient => recipient.CreatorId), ct);
        var composed = unbegun.Keys.ToDictionary(recipient => recipient, recipient => Composition.Of(
            template, people.GetValueOrDefault(recipient.CreatorId), knowledge.OrganizationName, campaign,
            invitation.Sign(organization, recipient, now), invitation.ExpiresOn(now)));
        await Screen(session, unbegun, recipient => composed[recipient].Obstacle, ct);

        var waiting = new ConcurrentQueue<QueuedRecipient>(unbegun.Values);
        await Task.WhenAll(Enumerable.Range(0, Math.Min(options.Lines, waiting.Count)).Select(_ => Task.Run(SendThroughOneLine, CancellationToken.None)));

        async Task SendThroughOneLine()
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

                    // From here on the recipient is not given back before its lease ends: should our own commit be lost on the way, nobody may
                    // think it never began.
                    var recipient = queued.Recipient;
                    unbegun.TryRemove(recipient, out var _);
                    var person = people[recipient.CreatorId];
                    await send.Run(
                        session, queued, line,
                        attempt => new(recipient.DeliveryId, attempt, person.Name!, person.Email!, sender.Name ?? knowledge.OrganizationName!, composed[recipient].Letter!)
                        {
                            Sender = sender,
                            Unsubscribe = new(organization, unsubscribe.Sign(organization, recipient, now)),
                        },
                        leaseEnd);
                }
            }
            finally
            {
                await (line?.DisposeAsync() ?? ValueTask.CompletedTask);
            }
        }
    }

    private async Task Screen(
        StreamSession session, ConcurrentDictionary<Recipient, QueuedRecipient> unbegun, Func<Recipient, string?> obstacle, CancellationToken ct)
    {
        var left = await ScreenRecipients.Run(session, unbegun.Keys, obstacle, clock.GetUtcNow(), options.Window, ct);
        foreach (var settled in unbegun.Keys.Except(left))
        {
            unbegun.TryRemove(settled, out _);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Count} recipients wait: {Cause} {Fault}")]
    private partial void Waiting(int count, string cause, string? fault);

    [LoggerMessage(LogLevel.Error, "A page of deliveries failed ({Fault}); it comes due again when its lease ends.")]
    private partial void PageFailed(string fault, Exception exception);
}
