using System.Runtime.CompilerServices;

namespace Testing;

/// <summary>Waits for a fact that is on its way, and no longer than a bound.</summary>
public static class Eventually
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    /// <summary>Looks until what is seen is as it should be, and answers it; says what was seen last when the time is up.</summary>
    [OverloadResolutionPriority(1)]
    public static async Task<T> Get<T>(Func<Task<T>> look, Func<T, bool> isSo, [CallerArgumentExpression(nameof(isSo))] string what = "", TimeSpan? within = null)
    {
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        var bound = within ?? Bound;
        var until = DateTimeOffset.UtcNow + bound;
        while (true)
        {
            var seen = await look();
            if (isSo(seen))
            {
                return seen;
            }

            if (DateTimeOffset.UtcNow > until)
            {
                throw new TimeoutException($"Not within {bound.TotalSeconds:0} s: {what}. Last seen: {seen}");
            }

            await pulse.WaitForNextTickAsync();
        }
    }

    public static Task<T> Get<T>(Func<T> look, Func<T, bool> isSo, [CallerArgumentExpression(nameof(isSo))] string what = "", TimeSpan? within = null) =>
        Get(() => Task.FromResult(look()), isSo, what, within);
}
