namespace Connections.Insights;

/// <summary>Whether data flows, as people see it. Apart from the status: that one says "authorized".</summary>
public enum InsightsState
{
    /// <summary>Nothing was ever pulled.</summary>
    NotSynced,

    /// <summary>A pull is under way.</summary>
    Syncing,

    /// <summary>The last pull is recent.</summary>
    Synced,

    /// <summary>The last pull was too long ago.</summary>
    Stale,

    /// <summary>Pulls fail, and it is more than a passing moment.</summary>
    Failing,
}

/// <summary>The state of a connection's insights.</summary>
/// <param name="State">NotSynced, Syncing, Synced, Stale or Failing.</param>
/// <param name="LastOkAt">When a pull last came to its end (UTC).</param>
/// <param name="Through">The last day the account's numbers reach to.</param>
/// <param name="NextAt">When the next pull is due (UTC); null while the connection is not green.</param>
/// <param name="Since">Since when pulls fail (UTC); null while they do not.</param>
/// <param name="Code">The platform's code of the last failure, or why it waits.</param>
/// <param name="Words">The same for a person; null when all is well.</param>
public sealed record InsightsView(string State, DateTimeOffset? LastOkAt, DateOnly? Through, DateTimeOffset? NextAt, DateTimeOffset? Since, string? Code, string? Words)
{
    internal static InsightsView Of(PullRow? row, string platform, InsightsOptions options, DateTimeOffset now) => row is null
        ? new(nameof(InsightsState.NotSynced), null, null, null, null, null, null)
        : new(StateOf(row, options, now).ToString(), row.LastOkAt, row.Last.Through, row.DueAt, row.IsFailing ? row.FailingSince : null, row.Code, WordsFor(row, platform));

    /// <summary>The state of a row.</summary>
    internal static InsightsState StateOf(PullRow row, InsightsOptions options, DateTimeOffset now) => row switch
    {
        { IsFailing: true } => InsightsState.Failing,
        { StartedAt: not null, DueAt: not null, Trouble: not PullTrouble.Quota } => InsightsState.Syncing,
        { LastOkAt: null } => InsightsState.NotSynced,
        _ when row.LastOkAt + options.StaleAfter < now => InsightsState.Stale,
        _ => InsightsState.Synced,
    };

    private static string? WordsFor(PullRow row, string platform) => row.Trouble switch
    {
        PullTrouble.Platform => $"{platform} does not answer as it should. It is tried again by itself; nothing needs doing",
        PullTrouble.Ours => $"{platform} refuses our request or our app: somebody who operates this service has to look",
        PullTrouble.Authorization => $"{platform} refuses the authorization for this data. Whether the creator has to reconnect is being found out",
        PullTrouble.Quota => $"{platform} lets our app make no more calls for now. It goes on by itself at {row.DueAt:d MMMM HH:mm} UTC",
        _ => null,
    };
}
