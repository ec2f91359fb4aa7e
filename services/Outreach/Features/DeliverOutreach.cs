using EventSourcing;
namespace Outreach.Features;

/// <summary>
/// Writes to whoever is due, on any number of replicas, a turn at a time: the outreach that has waited longest gets its list filled, a page of its recipients written to,
/// or its end. Two turns run side by side, so that the next page is made ready while the lines carry the one before.
/// </summary>
public sealed partial class DeliverOutreach(
    Schedule schedule, PrepareOutreach prepare, DeliverPage deliver, CompleteOutreach complete, Senders senders, Lines lines, WorkSignal signal, DeliveryOptions options,
    TimeProvider clock, ILogger<DeliverOutreach> logger) : BackgroundService
{
    private const int SideBySide = 2;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(Enumerable.Range(0, SideBySide).Select(_ => Task.Run(() => Work(stoppingToken), CancellationToken.None)));

    private async Task Work(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                if (!await Take(ct))
                {
                    await signal.Wait(options.LookEvery, ct);
                }
            }
            catch (Exception) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Nothing is lost: what was taken comes due again, at the latest when its lease ends.
                TurnFailed(e.GetType().Name, e);
                await signal.Wait(options.OutagePause, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<bool> Take(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (await schedule.Next(now, ct) is not { } turn)
        {
            return false;
        }

        try
        {
            var prepared = turn.IsPrepared || await prepare.Run(turn, ct);
            var sender = await senders.Of(turn.Organization, ct);
            var leaseEnd = now + options.Lease;
            var page = await schedule.Take(turn, lines.Owner, sender.Pace, now, leaseEnd, options.PageSize, ct);
            if (page.Count > 0)
            {
                await deliver.Run(turn, sender, page, leaseEnd, ct);
            }
            else if (!prepared)
            {
                // Another worker fills the list.
                await schedule.Rest(turn, now + options.LookEvery, ct);
                return true;
            }

            if (await schedule.Rest(turn, clock.GetUtcNow(), ct))
            {
                await complete.Run(turn, ct);
            }
        }
        catch (RosterUnavailable e)
        {
            Waiting(turn.Outreach, e.Message, e.InnerException?.GetType().Name);
            await schedule.StopPreparing(turn, clock.GetUtcNow() + options.OutagePause, ct);
        }

        return true;
    }

    [LoggerMessage(LogLevel.Warning, "Outreach {OutreachId} waits: {Cause} {Fault}")]
    private partial void Waiting(Guid outreachId, string cause, string? fault);

    [LoggerMessage(LogLevel.Error, "A turn failed ({Fault}); its recipients come due again when their lease ends.")]
    private partial void TurnFailed(string fault, Exception exception);
}
