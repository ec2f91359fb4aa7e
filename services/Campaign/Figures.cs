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

/// <summary>What a dashboard says, summed from the creators per standing.</summary>
/// <param name="Creators">On the roster.</param>
/// <param name="Incomplete">Who lack an authorization that is shown.</param>
/// <param name="Types">Per column.</param>
/// <param name="Funnel">Of the newest messages.</param>
public sealed record Figures(long Creators, long Incomplete, IReadOnlyList<StatusCounts> Types, Funnel Funnel)
{
    /// <summary>The share of the roster, 0 to 1, whose every shown authorization is Connected; 0 for an empty roster.</summary>
    public double Coverage => CoverageOf(Creators, Incomplete);

    public static Figures Of(StandingCounts counts, IReadOnlyList<string> shown)
    {
        var authorizations = CreatorFilter.Authorizations(shown);
        var (creators, complete) = (0L, 0L);
        var statuses = shown.Select(_ => new Dictionary<string, long>()).ToArray();
        var messages = new Dictionary<string, long>();
        foreach (var (standing, count) in counts.PerStanding)
        {
            creators += count;
            complete += standing.IsConnected(authorizations) ? count : 0;
            Add(messages, standing.Outreach, count);
            for (var column = 0; column < shown.Count; column++)
            {
                Add(statuses[column], standing.StatusOf(shown[column]), count);
            }
        }

        return new(
            creators,
            authorizations.Count == 0 ? 0 : creators - complete,
            [.. shown.Zip(statuses, (type, of) => new StatusCounts(
                type, of.GetValueOrDefault(ConnectionStatus.Connected), of.GetValueOrDefault(ConnectionStatus.Expired), of.GetValueOrDefault(ConnectionStatus.Invalidated),
                of.GetValueOrDefault(ConnectionStatus.NotConnected)))],
            new(
                creators - At(OutreachState.NotAsked),
                At(OutreachState.Sent) + At(OutreachState.Clicked) + At(OutreachState.Connected),
                At(OutreachState.Clicked) + At(OutreachState.Connected),
                At(OutreachState.Connected),
                At(OutreachState.Bounced),
                At(OutreachState.Failed)));

        long At(string state) => messages.GetValueOrDefault(state);

        static void Add(Dictionary<string, long> sums, string key, long count) => sums[key] = sums.GetValueOrDefault(key) + count;
    }

    public static double CoverageOf(long creators, long incomplete) => creators == 0 ? 0 : Math.Round((double)(creators - incomplete) / creators, 4);
}
