namespace Benchmarks;

/// <summary>What was promised, and whether it was kept: the exit code says it too.</summary>
internal static class Bars
{
    public static int Report(params (string Bar, bool Kept)[] bars)
    {
        foreach (var (bar, kept) in bars)
        {
            Console.WriteLine($"{(kept ? "kept  " : "MISSED")} {bar}");
        }

        return bars.All(bar => bar.Kept) ? 0 : 1;
    }
}
