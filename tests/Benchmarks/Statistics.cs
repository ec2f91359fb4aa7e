namespace Benchmarks;

/// <summary>What a run's figures come to.</summary>
internal static class Statistics
{
    /// <summary>The value that this share of them does not exceed.</summary>
    /// <param name="sorted">Ascending.</param>
    /// <param name="share">0.5 is the median.</param>
    public static double Percentile(double[] sorted, double share) => sorted[(int)Math.Min(sorted.Length - 1, Math.Ceiling(sorted.Length * share) - 1)];

    public static double Median(IEnumerable<double> values) => Percentile([.. values.Order()], 0.5);
}
