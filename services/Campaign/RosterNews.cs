using Campaigns.Features;
using EventSourcing;
using Npgsql;

namespace Campaigns;

/// <summary>What those hear who watch a roster: of every creator that changed how the row is now, never what it was in between.</summary>
internal static class RosterNews
{
    /// <param name="Creators">Who changed, and by which change last; in the order of those.</param>
    /// <param name="Seq">The newest change of the roster by then; 0 before the first.</param>
    public sealed record Changes(IReadOnlyList<(Guid Creator, long Seq)> Creators, long Seq);

    private sealed record Removed(Guid CreatorId);

    private sealed record Settings(IReadOnlyList<string> Shown);

    private sealed record Position(long Seq, IReadOnlyList<string> Shown);

    /// <summary>How far a roster has come.</summary>
    public static async Task<long> Pulse(StreamSession session, Guid roster, CancellationToken ct) => (await CampaignPulse.Of(session, roster, ct)).Seq;

    /// <summary>Who changed after a change; null when it is more than <paramref name="most"/>.</summary>
    public static async Task<Changes?> Since(StreamSession session, Guid roster, long seq, int most, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            """
            select creator_id, max(seq) from campaign.roster_change where tenant_id = @organization and campaign_id = @roster and seq > @seq
            group by creator_id order by 2 limit @limit
            """)
        {
            Parameters = { new("organization", session.Organization), new("roster", roster), new("seq", seq), new("limit", most + 1) },
        };
        await using var reader = await session.Query.ExecuteReaderAsync(command, ct);
        var creators = new List<(Guid, long Seq)>();
        while (await reader.ReadAsync(ct))
        {
            creators.Add((reader.GetGuid(0), reader.GetInt64(1)));
        }

        return creators.Count > most ? null : new(creators, creators is [.., var last] ? last.Seq : seq);
    }

    /// <summary>Events <c>creator</c> and <c>removed</c>.</summary>
    public static async Task Write(
        EventText text, StreamSession session, Guid roster, IReadOnlyList<(Guid Creator, long Seq)> creators, IReadOnlyList<string> shown, DateTimeOffset now, CancellationToken ct)
    {
        var rows = (await new Rosters(session).Of(roster, [.. creators.Select(change => change.Creator)], shown, ct)).ToDictionary(row => row.Creator);
        foreach (var (creator, seq) in creators)
        {
            _ = rows.TryGetValue(creator, out var row)
                ? text.Add("creator", seq, ListCampaignCreators.Show(row, now))
                : text.Add("removed", seq, new Removed(creator));
        }
    }

    /// <summary>Event <c>figures</c>.</summary>
    public static async Task WriteFigures(EventText text, StreamSession session, Guid roster, long seq, IReadOnlyList<string> shown, CancellationToken ct)
    {
        var pulse = await CampaignPulse.Of(session, roster, ct);
        text.Add("figures", seq, Figures.Of(pulse.Sums, shown));
    }

    /// <summary>Event <c>settings</c>: the columns from now on.</summary>
    public static void WriteSettings(EventText text, IReadOnlyList<string> shown) => text.Add("settings", null, new Settings(shown));

    /// <summary>Event <c>ready</c>: whatever is loaded from now on is at least as new as this.</summary>
    public static void WriteReady(EventText text, long seq, IReadOnlyList<string> shown) => text.Add("ready", seq, new Position(seq, shown));

    /// <summary>Event <c>reload</c>: so much changed that loading the page anew is cheaper than hearing it all.</summary>
    public static void WriteReload(EventText text, long seq, IReadOnlyList<string> shown) => text.Add("reload", seq, new Position(seq, shown));

    /// <summary>The columns a roster shows; null where there is no such campaign.</summary>
    public static async Task<IReadOnlyList<string>?> Shown(StreamSession session, Guid roster, CancellationToken ct) =>
        roster == CampaignTables.Everyone(session.Organization)
            ? await ShownCampaign.OfOrganization(session, ct)
            : (await ShownCampaign.Find(session, roster, ct))?.Shown;
}
