using Npgsql;

namespace Campaigns;

// Roads to a roster that need no order of its list: by id, of ids alone.
public sealed partial class Rosters
{
    /// <summary>The rows of these creators, without those who are not on the roster; in no order.</summary>
    public async Task<IReadOnlyList<RosterRow>> Of(Guid campaign, IReadOnlyCollection<Guid> creators, IReadOnlyList<string> shown, CancellationToken ct)
    {
        if (creators.Count == 0)
        {
            return [];
        }

        await using var command = new NpgsqlCommand(
            $"""
            with page as (select creator_id, standing, contacted_at, outreach_id, template from campaign.roster
                          where tenant_id = @organization and campaign_id = @campaign and creator_id = any (@creators) and on_roster)
            {Whole}
            """);
        Parameters(command, campaign, new(), shown, default);
        command.Parameters.Add(new("creators", creators.ToArray()));
        return await Rows(command, shown, ct);
    }

    /// <summary>The ids a filter leaves, in the order of the ids: a creator who is renamed meanwhile is neither missed nor met twice.</summary>
    public async Task<IReadOnlyList<Guid>> Ids(
        Guid campaign, CreatorFilter filter, IReadOnlyList<string> shown, DateTimeOffset now, StandingCounts counts, Guid? after, int limit, CancellationToken ct)
    {
        var standings = counts.PerStanding.Keys.Where(filter.Condition(shown)).ToArray();
        if (standings.Length == 0)
        {
            return [];
        }

        var isAll = standings.Length == counts.PerStanding.Count;
        await using var command = new NpgsqlCommand(
            $"""
            select r.creator_id from {Source(filter, shown)}{(isAll ? "" : " and r.standing & @bits = any (@standings)")}{(after is null ? "" : " and r.creator_id > @after")}
            order by r.creator_id limit @limit
            """);
        Parameters(command, campaign, filter, shown, now);
        command.Parameters.Add(new("bits", counts.Bits));
        command.Parameters.Add(Codes("standings", standings));
        command.Parameters.Add(new("after", after ?? Guid.Empty));
        command.Parameters.Add(new("limit", limit));
        await using var reader = await session.Query.ExecuteReaderAsync(command, ct);
        var ids = new List<Guid>();
        while (await reader.ReadAsync(ct))
        {
            ids.Add(reader.GetGuid(0));
        }

        return ids;
    }

    /// <summary>How a creator stood after each change, oldest first; null after they left.</summary>
    public async Task<IReadOnlyList<(DateTimeOffset At, Standing? Standing, bool Joined)>> Changes(Guid campaign, Guid creator, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select at, standing from campaign.roster_change where tenant_id = @organization and campaign_id = @campaign and creator_id = @creator order by seq")
        {
            Parameters = { new("organization", session.Organization), new("campaign", campaign), new("creator", creator) },
        };
        await using var reader = await Run(command, ct);
        var changes = new List<(DateTimeOffset, Standing?, bool)>();
        while (await reader.ReadAsync(ct))
        {
            Standing? standing = reader.IsDBNull(1) ? null : new(reader.GetInt16(1));
            changes.Add((reader.GetFieldValue<DateTimeOffset>(0), standing, standing is not null && changes is not [.., (_, not null, _)]));
        }

        return changes;
    }
}
