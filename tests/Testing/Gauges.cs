using System.Diagnostics.Metrics;

namespace Testing;

/// <summary>What observable gauges of this process say now.</summary>
public static class Gauges
{
    /// <summary>The gauge's measurements, each by its tags in their order, separated by spaces.</summary>
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
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) => found[string.Join(' ', tags.ToArray().Select(tag => tag.Value))] = value);
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => found[string.Join(' ', tags.ToArray().Select(tag => tag.Value))] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return found;
    }
}
