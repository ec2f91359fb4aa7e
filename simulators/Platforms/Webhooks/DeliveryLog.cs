using System.Collections.Concurrent;
using System.Threading.Channels;
using Platforms.Accounts;

namespace Platforms.Webhooks;

/// <summary>The webhooks of all platforms, newest last: those on their way are sent again after a restart.</summary>
public sealed class DeliveryLog
{
    private const string Kind = "delivery";
    private const int Kept = 1000;

    private readonly ConcurrentDictionary<long, Delivery> deliveries = new();
    private readonly ConcurrentDictionary<string, int> forgeries = new();
    private readonly Channel<long> queue = Channel.CreateUnbounded<long>();
    private readonly Journal journal;
    private readonly PlatformClock clock;
    private long lastId;

    public DeliveryLog(Journal journal, PlatformClock clock)
    {
        (this.journal, this.clock) = (journal, clock);
        foreach (var delivery in journal.Recall<Delivery>(Kind).OrderBy(d => d.Id))
        {
            deliveries[delivery.Id] = delivery;
            lastId = delivery.Id;
            if (delivery.State is DeliveryState.Pending)
            {
                queue.Writer.TryWrite(delivery.Id);
            }
        }
    }

    public ChannelReader<long> Queue => queue.Reader;

    public Delivery? Find(long id) => deliveries.GetValueOrDefault(id);

    public IEnumerable<Delivery> Newest(string? platform) =>
        deliveries.Values.Where(d => platform is null || d.Platform == platform).OrderByDescending(d => d.Id);

    public Delivery Send(AccountKey account, Notice notice, bool forged)
    {
        var delivery = new Delivery(Interlocked.Increment(ref lastId), account.Platform, account.Handle, notice, forged, clock.GetUtcNow());
        Keep(delivery);
        if (deliveries.TryRemove(delivery.Id - Kept, out var oldest))
        {
            journal.Forget(Kind, oldest.Id.ToString());
        }

        queue.Writer.TryWrite(delivery.Id);
        return delivery;
    }

    /// <summary>The same bytes once more, as platforms that deliver at least once do now and then.</summary>
    public Delivery SendAgain(Delivery delivery) => Send(new(delivery.Platform, delivery.Handle), delivery.Notice, delivery.Forged);

    /// <summary>Only the one delivery loop calls this, so a delivery is never written by two at once.</summary>
    public void Keep(Delivery delivery)
    {
        deliveries[delivery.Id] = delivery;
        journal.Remember(Kind, delivery.Id.ToString(), delivery);
    }

    public void ForgeNext(string platform, int count) => forgeries[platform] = count;

    public bool TakeForgery(string platform)
    {
        while (forgeries.TryGetValue(platform, out var left) && left > 0)
        {
            if (forgeries.TryUpdate(platform, left - 1, left))
            {
                return true;
            }
        }

        return false;
    }

    public void Clear()
    {
        forgeries.Clear();
        foreach (var id in deliveries.Keys)
        {
            deliveries.TryRemove(id, out _);
            journal.Forget(Kind, id.ToString());
        }
    }
}
