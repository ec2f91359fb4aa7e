namespace Webhooks.Sending;

/// <summary>
/// One endpoint, as this replica sends to it: so many requests at a time and, of one that answers quickly, a little taken ahead. Else such an endpoint would wait for our commits after
/// every few requests. Of one that answers slowly nothing is: it gains nothing, and what is taken may be sent a moment after the endpoint was paused.
/// </summary>
public sealed class Gate(int width)
{
    /// <summary>A place of what waits for nobody.</summary>
    public static readonly IDisposable Aside = new Place(new(0));

    // So much is taken ahead as is answered within this time, by what answers have taken of late, and never more than so many times the width.
    private static readonly TimeSpan AheadBy = TimeSpan.FromMilliseconds(50);
    private const int MostAhead = 16;

    // It answered quickly when this was taken, and does not any more: nothing is held longer for it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private const double Newest = 0.1;
    private readonly SemaphoreSlim places = new(width);
    private readonly Lock counting = new();
    private TimeSpan usual;
    private int held;
    private int failures;

    /// <summary>How many more lanes may be taken.</summary>
    public int Room => Counted(() => Math.Max(0, width + Ahead - held));

    /// <summary>Is it worth taking more? What is taken ahead may be half used up before, so that one statement takes many.</summary>
    public bool IsLow => Counted(() => width + Ahead - held >= Math.Max(1, Ahead / 2));

    /// <summary>Are there requests that are to be sent, or not answered?</summary>
    public bool IsBusy => Counted(() => held > 0);

    /// <summary>How often it has failed.</summary>
    public int Failures => Counted(() => failures);

    /// <summary>Did it have as much to send as there was room for, when it was last looked?</summary>
    public bool IsFull { get; set; }

    private int Ahead => usual == TimeSpan.Zero ? 0 : (int)Math.Min(MostAhead * width, width * (AheadBy / usual));

    /// <summary>Waits for a place among the requests under way, until it is disposed of; null where there is none for too long.</summary>
    public async Task<IDisposable?> Enter() => await places.WaitAsync(Patience) ? new Place(places) : null;

    public void Take()
    {
        lock (counting)
        {
            held++;
        }
    }

    /// <summary>What was taken is not under way any more.</summary>
    /// <param name="answeredIn">How long the receiver took; null if it did not take it.</param>
    public void GiveBack(TimeSpan? answeredIn)
    {
        lock (counting)
        {
            held--;
            usual = answeredIn is not { } took ? usual : usual == TimeSpan.Zero ? took : usual + (Newest * (took - usual));
        }
    }

    public void Fail()
    {
        lock (counting)
        {
            failures++;
        }
    }

    private T Counted<T>(Func<T> count)
    {
        lock (counting)
        {
            return count();
        }
    }

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        private int isLeft;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isLeft, 1) == 0)
            {
                places.Release();
            }
        }
    }
}
