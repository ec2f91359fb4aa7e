using System.Diagnostics.Metrics;

namespace EventSourcing.Operations;

/// <summary>Shows how many dead letters each queue had when they were last counted: by the health check, or for an operator who looked.</summary>
public sealed class DeadLetterGauge : IDisposable
{
    private readonly Meter meter = new(EventMetadata.SourceName);
    private volatile IReadOnlyList<Measurement<long>> counted = [];

    public DeadLetterGauge() => meter.CreateObservableGauge("dead_letters", () => counted, "{message}", "Messages that were not taken in, as of the last health check.");

    public void Dispose() => meter.Dispose();

    /// <param name="queues">All the service receives from: one without dead letters shows 0, so that it can be told from one nobody counts.</param>
    /// <param name="found">Those that have any.</param>
    internal void Show(IEnumerable<string> queues, IReadOnlyList<DeadLetterQueue> found) => counted =
    [
        .. queues.Union(found.Select(one => one.Queue)).Select(queue => new Measurement<long>(
            found.FirstOrDefault(one => one.Queue == queue)?.Messages ?? 0, new KeyValuePair<string, object?>("queue", queue))),
    ];
}
