using EventSourcing;

namespace Campaigns;

/// <summary>
/// The rosters somebody watches at this replica. However many watch one, it is looked at once per change, and what is sent is written once for all.
/// </summary>
public sealed class LiveRosters : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<Guid, LiveRoster> rosters = [];
    private readonly RosterNotices notices;
    private readonly StreamSessions sessions;
    private readonly LiveOptions options;
    private readonly TimeProvider clock;
    private readonly ILogger<LiveRosters> logger;

    public LiveRosters(RosterNotices notices, StreamSessions sessions, LiveOptions options, TimeProvider clock, ILogger<LiveRosters> logger)
    {
        (this.notices, this.sessions, this.options, this.clock, this.logger) = (notices, sessions, options, clock, logger);
        notices.Heard += Hear;
    }

    /// <summary>Begins to collect what changes from now on; leave by disposing it.</summary>
    internal async Task<RosterWatcher> Watch(string organization, Guid roster, CancellationToken ct)
    {
        LiveRoster live;
        RosterWatcher watcher;
        lock (gate)
        {
            if (!rosters.TryGetValue(roster, out live!))
            {
                rosters[roster] = live = new(organization, roster, sessions, options, clock, logger);
            }

            watcher = live.Add(Leave);
        }

        try
        {
            await live.Started.WaitAsync(ct);
            return watcher;
        }
        catch
        {
            watcher.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        notices.Heard -= Hear;
        LiveRoster[] all;
        lock (gate)
        {
            all = [.. rosters.Values];
            rosters.Clear();
        }

        foreach (var live in all)
        {
            await live.Stop();
        }
    }

    private void Leave(LiveRoster live, RosterWatcher watcher)
    {
        lock (gate)
        {
            if (live.Remove(watcher) && rosters.GetValueOrDefault(live.Roster) == live)
            {
                rosters.Remove(live.Roster);
                _ = live.Stop();
            }
        }
    }

    private void Hear(RosterNotices.Notice notice)
    {
        LiveRoster[] concerned;
        lock (gate)
        {
            concerned = notice switch
            {
                { Roster: { } roster } => rosters.TryGetValue(roster, out var one) ? [one] : [],
                { Organization: { } organization } => [.. rosters.Values.Where(live => live.Organization == organization)],
                _ => [.. rosters.Values],
            };
        }

        foreach (var live in concerned)
        {
            live.Wake(notice.OfSwitches);
        }
    }
}
