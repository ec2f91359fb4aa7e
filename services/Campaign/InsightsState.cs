namespace Campaigns;

/// <summary>Do the data of a connection flow? Green says "authorized"; this says "and what we show is of now".</summary>
public static class InsightsState
{
    public const string NotSynced = "NotSynced";
    public const string Synced = "Synced";
    public const string Stale = "Stale";

    /// <summary>Every connection is pulled daily; twice that without one is stale.</summary>
    public static TimeSpan Fresh { get; } = TimeSpan.FromHours(48);

    /// <param name="status">Of the connection: one that is not green brings nothing new, however fresh the last pull is.</param>
    /// <param name="collectedAt">When the newest pull ended.</param>
    /// <param name="since">Since when the connection stands so.</param>
    /// <param name="now">When it is asked.</param>
    public static string Of(string status, DateTimeOffset? collectedAt, DateTimeOffset? since, DateTimeOffset now) => (status, collectedAt) switch
    {
        (_, null) => NotSynced,
        (not ConnectionStatus.Connected, _) => Stale,
        (_, { } at) when now - at > Fresh && !(now - since < Fresh) => Stale,
        _ => Synced,
    };
}
