namespace Testing;

/// <summary>The machine's clock, moved: what waits by it still waits in real time, what is dated by it is dated elsewhere.</summary>
public sealed class ShiftedClock : TimeProvider
{
    private long ticks;

    public TimeSpan Offset => new(Interlocked.Read(ref ticks));

    public void Move(TimeSpan by) => Interlocked.Add(ref ticks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Offset;
}
