using System.Diagnostics.Metrics;

namespace Testing;

/// <summary>What observable gauges of this process say now.</summary>
public static class Gauges
{
    /// <summary>The gauge's measurements, each by its tags in their order, separated by spaces; the largest where several services have it.</summary>
    public static IReadOnlyDictionary<string, double> Of(string name)
    {
        var found = new Dictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, own) =>
            {
                if (instrument.Name == name)
                {
                    own.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) => Keep(tags, value));
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => Keep(tags, value));
        listener.Start();
        listener.RecordObservableInstruments();
        return found;

        // Several services of one process may have a gauge of this name.
        void Keep(ReadOnlySpan<KeyValuePair<string, object?>> tags, double value)
        {
            var key = string.Join(' ', tags.ToArray().Select(tag => tag.Value));
            found[key] = Math.Max(found.GetValueOrDefault(key), value);
        }
    }
}
