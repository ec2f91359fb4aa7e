using System.Threading.Channels;

namespace Campaigns;

/// <summary>Some events in a row.</summary>
/// <param name="Seq">How far whoever has them has come.</param>
/// <param name="Bytes">As they go over the wire.</param>
/// <param name="MustHear">Is it for everybody, however far they have come?</param>
internal sealed record EventBatch(long Seq, ReadOnlyMemory<byte> Bytes, bool MustHear);

/// <summary>One client. Who does not take what is sent is cut off at a bound, so that nobody waits for it; it comes back with the last id it has.</summary>
internal sealed class RosterWatcher(LiveRoster live, Action<LiveRoster, RosterWatcher> leave, int buffer) : IDisposable
{
    private readonly Channel<EventBatch> batches = Channel.CreateBounded<EventBatch>(new BoundedChannelOptions(buffer) { SingleReader = true });

    /// <summary>What is sent; ends when this client was too slow.</summary>
    public ChannelReader<EventBatch> Batches => batches.Reader;

    public bool Offer(EventBatch batch) => batches.Writer.TryWrite(batch);

    public void End() => batches.Writer.TryComplete();

    public void Dispose()
    {
        End();
        leave(live, this);
    }
}
