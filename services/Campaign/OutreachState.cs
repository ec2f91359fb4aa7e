namespace Campaigns;

/// <summary>
/// How far the newest message to a creator of a campaign has come. Words, because they are stored in events; the order is the way of a message,
/// and of two pieces of news about one message the later step counts, whichever came first.
/// </summary>
public static class OutreachState
{
    public const string NotAsked = "NotAsked";
    public const string Sent = "Sent";
    public const string Failed = "Failed";
    public const string Bounced = "Bounced";
    public const string Clicked = "Clicked";
    public const string Connected = "Connected";

    /// <summary>Every state, in the order of the way. A click after a bounce means that the bounce was wrong.</summary>
    public static IReadOnlyList<string> All { get; } = [NotAsked, Sent, Failed, Bounced, Clicked, Connected];

    /// <summary>The step further along.</summary>
    public static string Later(string? one, string other) => one is null || Rank(other) > Rank(one) ? other : one;

    private static int Rank(string state)
    {
        for (var rank = 0; rank < All.Count; rank++)
        {
            if (All[rank] == state)
            {
                return rank;
            }
        }

        return 0;
    }
}
