namespace Outreach.Tests.Features;

/// <summary>Waits for a fact, and no longer than a bound.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    public static async Task<T> Get<T>(Func<Task<T>> look, Func<T, bool> isSo, string what)
    {
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        var until = DateTimeOffset.UtcNow + Bound;
        while (true)
        {
            var seen = await look();
            if (isSo(seen))
            {
                return seen;
            }

            if (DateTimeOffset.UtcNow > until)
            {
                throw new TimeoutException($"Not within {Bound.TotalSeconds} s: {what}. Last seen: {seen}");
            }

            await pulse.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    public static Task<T> Get<T>(Func<T> look, Func<T, bool> isSo, string what) => Get(() => Task.FromResult(look()), isSo, what);
}
