using System.Data.Common;
using EventSourcing;
using JasperFx.Events;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Projections;
using Npgsql;

namespace Campaigns;

/// <summary>
/// Keeps <see cref="CampaignTables"/>: reads the rows a page of events concerns, folds the page over them (<see cref="RosterFold"/>) and writes one
/// statement per table. One projection and not eight: each would read the event store and commit its progress for itself.
/// </summary>
public sealed class CampaignViews : ProjectionBase, IProjection
{
    // The tables of version 1 held less; under a new number the daemon reads everything once more.
    private const uint TablesVersion = 2;

    private readonly TimeProvider clock;

    public CampaignViews(TimeProvider clock)
    {
        this.clock = clock;

        // Every event is looked at: filtered, an older replica that leads would pass by what a newer one has recorded. What it does not know stops it, and the newer one goes on.
        Version = TablesVersion;
        Options.BatchSize = 2000;
    }

    /// <summary>Under which name the daemon keeps how far it has come.</summary>
    public static string Shard { get; } = $"{nameof(CampaignViews)}:V{TablesVersion}:All";

    /// <summary>What the views are made of.</summary>
    public static IReadOnlyList<Type> EventTypes { get; } =
    [
        typeof(CampaignPlanned), typeof(CreatorAdmitted), typeof(CreatorAmended), typeof(JoinedRoster), typeof(LeftRoster), typeof(AccessNoted), typeof(ExpiryNoted),
        typeof(MarketplaceNoted), typeof(InsightsNoted), typeof(OutreachNoted), typeof(OutreachProgressed),
    ];

    private static readonly HashSet<Type> OwnTypes = [.. EventTypes];

    /// <summary>No campaign of this organization has that id.</summary>
    public static Decision.Refused Unknown { get; } =
        new(RefusalKind.Unknown, "campaign.unknown", "Your organization has no campaign with this id.", null);

    /// <summary>Every event of the page belongs to the organization of <paramref name="operations"/>; the daemon sorts them so, and applies one page after the other.</summary>
    public async Task ApplyAsync(IDocumentOperations operations, IReadOnlyList<IEvent> events, CancellationToken cancellation)
    {
        IEvent[] own = [.. events.Where(e => OwnTypes.Contains(e.EventType))];
        if (own.Length == 0)
        {
            return;
        }

        var startedAt = clock.GetUtcNow();
        var (fold, generation) = await Apply(operations, null, own, cancellation);
        ViewRebuild.Guard(operations, generation);
        Write(operations, generation, fold);
        RosterNotices.Tell(operations, fold.Changes.Select(change => change.CampaignId));
        EventMetadata.TraceProjected(Name, own, startedAt);
    }

    /// <summary>Folds one organization's events, in their order, into the tables of a generation; saved when the session is.</summary>
    public static async Task Fold(IDocumentOperations operations, string generation, IReadOnlyList<IEvent> events, CancellationToken ct) =>
        Write(operations, generation, (await Apply(operations, generation, events, ct)).Fold);

    private static void Write(IDocumentOperations operations, string generation, RosterFold fold)
    {
        WritePlans(operations, generation, fold);
        WriteConnections(operations, generation, fold);
        WriteInsights(operations, generation, fold);
        WriteRoster(operations, generation, fold);
        WriteCounts(operations, generation, fold);
        WriteDays(operations, generation, fold);
        WriteChanges(operations, generation, fold);
    }

    // Of a generation, or of the one that counts, by its plain names: which one that is and its rows are one question, since a page of one event waits for each answer.
    private static async Task<(RosterFold Fold, string Generation)> Apply(IDocumentOperations operations, string? generation, IReadOnlyList<IEvent> events, CancellationToken ct)
    {
        var fold = new RosterFold(CampaignTables.Everyone(operations.TenantId));
        var suffix = generation is null ? "" : $"_{generation}";
        await using var command = new NpgsqlCommand(
            $"""
            {ViewGenerations.CurrentSql};
            select creator_id, type, status, reason, since, connection_id, sequence, noted_at, expiring_at, expiry_sequence
            from campaign.creator_connection{suffix} where tenant_id = @organization and creator_id = any (@creators);
            select campaign_id, creator_id, on_roster, since, sequence, standing, expiring_at, outreach_id, delivery_id, template, contacted_at
            from campaign.roster{suffix} where tenant_id = @organization and creator_id = any (@creators)
            """)
        {
            Parameters = { new("organization", operations.TenantId), new("creators", RosterFold.Creators(events).Distinct().ToArray()) },
        };
        await using (var reader = await operations.ExecuteReaderAsync(command, ct))
        {
            await reader.ReadAsync(ct);
            generation ??= reader.GetString(0);
            await reader.NextResultAsync(ct);
            await Read(reader, fold, ct);
        }

        foreach (var @event in events)
        {
            fold.Apply(@event);
        }

        return (fold, generation);
    }

    private static async Task Read(DbDataReader reader, RosterFold fold, CancellationToken ct)
    {
        while (await reader.ReadAsync(ct))
        {
            fold.Know(reader.GetGuid(0), reader.GetString(1), new(
                reader.GetString(2), Text(3), Time(4)!.Value, reader.GetGuid(5), reader.GetInt64(6), Time(7)!.Value, Time(8), reader.GetInt64(9)));
        }

        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            fold.Know(reader.GetGuid(0), reader.GetGuid(1), new(
                reader.GetBoolean(2), Time(3)!.Value, reader.GetInt64(4), new(reader.GetInt16(5)), Time(6),
                reader.IsDBNull(8) ? null : new(reader.GetGuid(7), reader.GetGuid(8), reader.GetString(9), Time(10)!.Value)));
        }

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

        DateTimeOffset? Time(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
    }

    private static void WritePlans(IDocumentOperations operations, string generation, RosterFold fold)
    {
        if (fold.Plans.Values is { Count: > 0 } rows)
        {
            operations.QueueSqlCommand(
                $"""
                insert into campaign.plan_{generation} (tenant_id, campaign_id, name, starts_on, ends_on, required_connections, planned_at)
                select ?, row.campaign_id, row.name, row.starts_on, row.ends_on, string_to_array(row.required, ','), row.planned_at
                from unnest(?, ?, ?, ?, ?, ?) as row (campaign_id, name, starts_on, ends_on, required, planned_at)
                on conflict (tenant_id, campaign_id) do nothing
                """,
                operations.TenantId,
                rows.Select(row => row.Plan.CampaignId).ToArray(),
                rows.Select(row => row.Plan.Name).ToArray(),
                rows.Select(row => row.Plan.StartsOn).ToArray(),
                rows.Select(row => row.Plan.EndsOn).ToArray(),
                rows.Select(row => string.Join(',', row.Plan.RequiredConnections)).ToArray(),
                rows.Select(row => row.At).ToArray());
        }
    }

    private static void WriteConnections(IDocumentOperations operations, string generation, RosterFold fold)
    {
        if (fold.TouchedConnections is { Count: > 0 } keys)
        {
            ConnectionFact[] rows = [.. keys.Select(fold.Connection)];
            operations.QueueSqlCommand(
                $"""
                insert into campaign.creator_connection_{generation}
                    (tenant_id, creator_id, type, status, reason, since, connection_id, sequence, noted_at, expiring_at, expiry_sequence)
                select ?, row.* from unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) as row (creator_id, type, status, reason, since, connection_id, sequence, noted_at, expiring_at, expiry_sequence)
                on conflict (tenant_id, creator_id, type) do update
                set status = excluded.status, reason = excluded.reason, since = excluded.since, connection_id = excluded.connection_id, sequence = excluded.sequence,
                    noted_at = excluded.noted_at, expiring_at = excluded.expiring_at, expiry_sequence = excluded.expiry_sequence
                """,
                operations.TenantId,
                keys.Select(key => key.Creator).ToArray(),
                keys.Select(key => key.Type).ToArray(),
                rows.Select(row => row.Status).ToArray(),
                rows.Select(row => row.Reason).ToArray(),
                rows.Select(row => row.Since).ToArray(),
                rows.Select(row => row.ConnectionId).ToArray(),
                rows.Select(row => row.Sequence).ToArray(),
                rows.Select(row => row.NotedAt).ToArray(),
                rows.Select(row => row.ExpiresAt).ToArray(),
                rows.Select(row => row.ExpirySequence).ToArray());
        }
    }

    private static void WriteInsights(IDocumentOperations operations, string generation, RosterFold fold)
    {
        if (fold.Insights is { Count: > 0 } rows)
        {
            operations.QueueSqlCommand(
                $"""
                insert into campaign.creator_insights_{generation} as old (tenant_id, creator_id, type, collected_at, through, content_items, sequence)
                select ?, row.* from unnest(?, ?, ?, ?, ?, ?) as row (creator_id, type, collected_at, through, content_items, sequence)
                on conflict (tenant_id, creator_id, type) do update
                set collected_at = excluded.collected_at, through = coalesce(excluded.through, old.through), content_items = excluded.content_items, sequence = excluded.sequence
                where excluded.sequence > old.sequence
                """,
                operations.TenantId,
                rows.Keys.Select(key => key.Creator).ToArray(),
                rows.Keys.Select(key => key.Type).ToArray(),
                rows.Values.Select(row => row.CollectedAt).ToArray(),
                rows.Values.Select(row => row.Through).ToArray(),
                rows.Values.Select(row => row.ContentItems).ToArray(),
                rows.Values.Select(row => row.Sequence).ToArray());
        }
    }

    // The name comes from the profile, where an erasure reaches it; no event holds it.
    private static void WriteRoster(IDocumentOperations operations, string generation, RosterFold fold)
    {
        if (fold.TouchedRows is { Count: > 0 } keys)
        {
            RosterFact[] rows = [.. keys.Select(fold.Row)];
            operations.QueueSqlCommand(
                $"""
                insert into campaign.roster_{generation}
                    (tenant_id, campaign_id, creator_id, on_roster, since, sequence, standing, sort_name, expiring_at, contacted_at, outreach_id, delivery_id, template)
                select ?, row.campaign_id, row.creator_id, row.on_roster, row.since, row.sequence, row.standing, coalesce(profile.sort_name, ''),
                       row.expiring_at, row.contacted_at, row.outreach_id, row.delivery_id, row.template
                from unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                     as row (campaign_id, creator_id, on_roster, since, sequence, standing, expiring_at, contacted_at, outreach_id, delivery_id, template)
                left join campaign.mt_doc_creatorprofile profile on profile.tenant_id = ? and profile.id = row.creator_id
                on conflict (tenant_id, campaign_id, creator_id) do update
                set on_roster = excluded.on_roster, since = excluded.since, sequence = excluded.sequence, standing = excluded.standing, sort_name = excluded.sort_name,
                    expiring_at = excluded.expiring_at, contacted_at = excluded.contacted_at, outreach_id = excluded.outreach_id, delivery_id = excluded.delivery_id,
                    template = excluded.template
                """,
                operations.TenantId,
                keys.Select(key => key.Campaign).ToArray(),
                keys.Select(key => key.Creator).ToArray(),
                rows.Select(row => row.OnRoster).ToArray(),
                rows.Select(row => row.Since).ToArray(),
                rows.Select(row => row.Sequence).ToArray(),
                rows.Select(row => row.Standing.Code).ToArray(),
                rows.Select(row => row.Expiring).ToArray(),
                rows.Select(row => row.Contact?.At).ToArray(),
                rows.Select(row => row.Contact?.OutreachId).ToArray(),
                rows.Select(row => row.Contact?.DeliveryId).ToArray(),
                rows.Select(row => row.Contact?.Template).ToArray(),
                operations.TenantId);
        }
    }

    private static void WriteCounts(IDocumentOperations operations, string generation, RosterFold fold)
    {
        var rows = fold.Counts.Where(row => row.Value != 0).ToArray();
        if (rows.Length > 0)
        {
            operations.QueueSqlCommand(
                $"""
                insert into campaign.standing_count_{generation} as old (tenant_id, campaign_id, standing, creators)
                select ?, row.* from unnest(?, ?, ?) as row (campaign_id, standing, creators)
                on conflict (tenant_id, campaign_id, standing) do update set creators = old.creators + excluded.creators
                """,
                operations.TenantId,
                rows.Select(row => row.Key.Campaign).ToArray(),
                rows.Select(row => row.Key.Standing.Code).ToArray(),
                rows.Select(row => row.Value).ToArray());
        }
    }

    private static void WriteDays(IDocumentOperations operations, string generation, RosterFold fold)
    {
        var rows = Sum(fold.Days.Select(row => ((row.Key.Campaign, row.Key.Day), row.Key.Standing, row.Value)));
        if (rows.Count > 0)
        {
            operations.QueueSqlCommand(
                $"""
                insert into campaign.campaign_day_{generation} as old (tenant_id, campaign_id, day, changes)
                select ?, row.campaign_id, row.day, row.changes::bigint[] from unnest(?, ?, ?) as row (campaign_id, day, changes)
                on conflict (tenant_id, campaign_id, day) do update set changes = {StandingSums.Sum("old.changes", "excluded.changes")}
                """,
                operations.TenantId,
                rows.Keys.Select(key => key.Campaign).ToArray(),
                rows.Keys.Select(key => key.Day).ToArray(),
                rows.Values.Select(sums => sums.ToRow(StandingSums.ConnectionPlaces)).ToArray());
        }
    }

    private static void WriteChanges(IDocumentOperations operations, string generation, RosterFold fold)
    {
        if (fold.Changes is { Count: > 0 } rows)
        {
            operations.QueueSqlCommand(
                $"""
                insert into campaign.roster_change_{generation} (tenant_id, campaign_id, seq, creator_id, at, standing)
                select ?, row.* from unnest(?, ?, ?, ?, ?) as row (campaign_id, seq, creator_id, at, standing)
                on conflict (tenant_id, campaign_id, seq, creator_id) do nothing
                """,
                operations.TenantId,
                rows.Select(row => row.CampaignId).ToArray(),
                rows.Select(row => row.Seq).ToArray(),
                rows.Select(row => row.CreatorId).ToArray(),
                rows.Select(row => row.At).ToArray(),
                rows.Select(row => row.Standing?.Code).ToArray());
            RosterChange[] newest = [.. rows.GroupBy(row => row.CampaignId).Select(campaign => campaign.Last())];
            var sums = Sum(fold.Counts.Select(row => (row.Key.Campaign, row.Key.Standing, row.Value)));
            operations.QueueSqlCommand(
                $"""
                insert into campaign.campaign_pulse_{generation} as old (tenant_id, campaign_id, seq, changed_at, sums)
                select ?, row.campaign_id, row.seq, row.changed_at, row.sums::bigint[] from unnest(?, ?, ?, ?) as row (campaign_id, seq, changed_at, sums)
                on conflict (tenant_id, campaign_id) do update set seq = excluded.seq, changed_at = excluded.changed_at, sums = {StandingSums.Sum("old.sums", "excluded.sums")}
                """,
                operations.TenantId,
                newest.Select(row => row.CampaignId).ToArray(),
                newest.Select(row => row.Seq).ToArray(),
                newest.Select(row => row.At).ToArray(),
                newest.Select(row => sums.GetValueOrDefault(row.CampaignId, new()).ToRow(StandingSums.Places)).ToArray());
        }
    }

    private static Dictionary<TKey, StandingSums> Sum<TKey>(IEnumerable<(TKey Key, Standing Standing, long Creators)> rows)
        where TKey : notnull
    {
        var sums = new Dictionary<TKey, StandingSums>();
        foreach (var (key, standing, creators) in rows)
        {
            if (creators != 0)
            {
                (sums.TryGetValue(key, out var row) ? row : sums[key] = new()).Add(standing, creators);
            }
        }

        return sums;
    }
}
