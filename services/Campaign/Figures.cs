namespace Campaigns;

/// <summary>How many creators of a roster have each status in one column.</summary>
public sealed record StatusCounts(string Type, long Connected, long Expired, long Invalidated, long NotConnected);

/// <summary>How far the newest messages have come: of the creators who were asked so many clicked, and so on.</summary>
/// <param name="Asked">Creators who were sent a message, or were meant to be.</param>
/// <param name="Reached">Whose message neither failed nor bounced.</param>
/// <param name="Clicked">Who opened the Creator Hub through it, or came further.</param>
/// <param name="Connected">Who connected an account through it.</param>
/// <param name="Bounced">Whose message came back.</param>
/// <param name="Failed">Whose message could not be sent.</param>
public sealed record Funnel(long Asked, long Reached, long Clicked, long Connected, long Bounced, long Failed);

/// <summary>What a dashboard says.</summary>
/// <param name="Creators">On the roster.</param>
/// <param name="Incomplete">Who lack an authorization that is shown.</param>
/// <param name="Types">Per column.</param>
/// <param name="Funnel">Of the newest messages.</param>
public sealed record Figures(long Creators, long Incomplete, IReadOnlyList<StatusCounts> Types, Funnel Funnel)
{
    /// <summary>The share of the roster, 0 to 1, whose every shown authorization is Connected; 0 for an empty roster.</summary>
    public double Coverage => CoverageOf(Creators, Incomplete);

    public static Figures Of(StandingSums sums, IReadOnlyList<string> shown)
    {
        var creators = sums.Creators;
        var messages = sums.Counts(Standing.OutreachBits);
        return new(
            creators,
            IncompleteOf(sums, shown),
            [.. shown.Select(type => Count(type, sums.Counts(Standing.BitsOf(type))))],
            new(
                creators - At(OutreachState.NotAsked),
                At(OutreachState.Sent) + At(OutreachState.Clicked) + At(OutreachState.Connected),
                At(OutreachState.Clicked) + At(OutreachState.Connected),
                At(OutreachState.Connected),
                At(OutreachState.Bounced),
                At(OutreachState.Failed)));

        long At(string state) => messages.Of(standing => standing.Outreach == state);
    }

    /// <summary>Who lack an authorization that is shown.</summary>
    public static long IncompleteOf(StandingSums sums, IReadOnlyList<string> shown)
    {
        var authorizations = CreatorFilter.Authorizations(shown);
        var green = authorizations.Aggregate(default(Standing), (standing, type) => standing.With(type, ConnectionStatus.Connected));
        return authorizations.Count == 0 ? 0 : sums.Creators - sums.Of(authorizations.Aggregate((short)0, (bits, type) => (short)(bits | Standing.BitsOf(type))), green.Code);
    }

    private static StatusCounts Count(string type, StandingCounts counts) =>
        new(type, At(counts, type, ConnectionStatus.Connected), At(counts, type, ConnectionStatus.Expired), At(counts, type, ConnectionStatus.Invalidated), At(counts, type, ConnectionStatus.NotConnected));

    private static long At(StandingCounts counts, string type, string status) => counts.Of(standing => standing.StatusOf(type) == status);

    public static double CoverageOf(long creators, long incomplete) => creators == 0 ? 0 : Math.Round((double)(creators - incomplete) / creators, 4);
}
