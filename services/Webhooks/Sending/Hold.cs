namespace Webhooks.Sending;

/// <summary>A lane that this replica holds, from taking it until its ending is written.</summary>
public sealed class Hold
{
    private readonly int failures;
    private int isOver;

    public Hold(Lane lane, Gate gate)
    {
        (Lane, Gate, failures) = (lane, gate, gate.Failures);
        gate.Take();
    }

    public Lane Lane { get; }

    public Gate Gate { get; }

    public Task Sending { get; set; } = Task.CompletedTask;

    /// <summary>May it still be sent? Not if its endpoint has failed since it was taken: it may want to be left alone, and is sent one at a time.</summary>
    public bool IsWanted => Gate.Failures == failures;

    /// <summary>Makes room for another. False: that had been done.</summary>
    /// <param name="answeredIn">How long the receiver took; null if it did not take it.</param>
    public bool End(TimeSpan? answeredIn = null)
    {
        if (Interlocked.Exchange(ref isOver, 1) == 1)
        {
            return false;
        }

        Gate.GiveBack(answeredIn);
        return true;
    }
}
