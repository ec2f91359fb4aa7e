namespace Campaigns;

/// <summary>Words, not an enum: they are stored in events and rows, and have to outlive a reordering of members.</summary>
public static class ConnectionStatus
{
    public const string Connected = "Connected";
    public const string Expired = "Expired";
    public const string Invalidated = "Invalidated";
    public const string NotConnected = "NotConnected";

    public static IReadOnlyList<string> All { get; } = [Connected, Expired, Invalidated, NotConnected];

    /// <summary>Everything that leaves a hole in the metrics.</summary>
    public static IReadOnlyList<string> Missing { get; } = [Expired, Invalidated, NotConnected];

    public static string Colour(string status) => status switch
    {
        Connected => "green",
        Expired or Invalidated => "red",
        _ => "grey",
    };
}
