using Platforms.Accounts;

namespace Platforms.Calls;

/// <summary>What goes wrong at a whole platform at once, for every account and for callers nobody knows.</summary>
public sealed record Outage(Fault? Fault = null, Delay? Delay = null);

/// <summary>One outage per platform, kept over a restart.</summary>
public sealed class Outages(Journal journal)
{
    private const string Kind = "outages";

    private readonly Lock gate = new();
    private volatile Dictionary<string, Outage> current = journal.Recall<Dictionary<string, Outage>>(Kind).SingleOrDefault() ?? [];

    public Outage Of(string platform) => current.GetValueOrDefault(platform) ?? new();

    public Outage Change(string platform, Func<Outage, Outage> change)
    {
        lock (gate)
        {
            var outage = change(Of(platform));
            Keep(new(current) { [platform] = outage });
            return outage;
        }
    }

    /// <summary>Counts one call against the platform's fault, if it has one for this call.</summary>
    public Fault? TakeFault(string platform, FaultPlace place, string endpoint)
    {
        if (Of(platform).Fault is null)
        {
            return null;
        }

        lock (gate)
        {
            var outage = Of(platform);
            if (outage.Fault is not { } fault || !fault.Hits(place, endpoint))
            {
                return null;
            }

            // All calls until it is lifted: nothing to count, and nothing to write.
            if (fault.Calls is not null)
            {
                Keep(new(current) { [platform] = outage with { Fault = fault.AfterOneCall() } });
            }

            return fault;
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            Keep([]);
        }
    }

    private void Keep(Dictionary<string, Outage> outages)
    {
        current = outages;
        journal.Remember(Kind, Kind, outages);
    }
}
