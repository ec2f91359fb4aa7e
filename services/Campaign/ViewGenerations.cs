using EventSourcing;
using Marten;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Campaigns;

/// <summary>
/// Which of the two generations of <see cref="CampaignTables"/> counts. Readers see it through views of the plain names; the projection asks with every
/// page, so a rebuild can turn both around in one commit and nobody waits.
/// </summary>
public sealed class ViewGenerations(NpgsqlDataSource source) : IMigration
{
    public static IReadOnlyList<string> All { get; } = ["a", "b"];

    // The plain names: every table's without its generation.
    private static readonly string[] Names = [.. CampaignTables.All(All[0]).Select(table => table.Identifier.Name[..^$"_{All[0]}".Length])];

    /// <summary>Holds one row, once something was rebuilt; before that generation a counts.</summary>
    public static Table Pointer()
    {
        var table = new Table($"{CampaignTables.Schema}.view_generation");
        table.AddColumn("singleton", "boolean").AsPrimaryKey();
        table.AddColumn("generation", "text").NotNull();
        return table;
    }

    /// <summary>Answers the generation that counts, in one row.</summary>
    public static string CurrentSql { get; } = $"select coalesce((select generation from {CampaignTables.Schema}.view_generation), '{All[0]}')";

    /// <summary>The generation that counts now.</summary>
    public static async Task<string> Current(IQuerySession session, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(CurrentSql);
        await using var reader = await session.ExecuteReaderAsync(command, ct);
        await reader.ReadAsync(ct);
        return reader.GetString(0);
    }

    /// <summary>The one that does not count.</summary>
    public static string Other(string generation) => generation == All[0] ? All[1] : All[0];

    /// <summary>Statements that make a generation the one that counts.</summary>
    public static IEnumerable<string> Turn(string generation)
    {
        yield return $"insert into {CampaignTables.Schema}.view_generation (singleton, generation) values (true, '{generation}') on conflict (singleton) do update set generation = excluded.generation";
        foreach (var name in Names)
        {
            yield return $"create or replace view {CampaignTables.Schema}.{name} as select * from {CampaignTables.Schema}.{name}_{generation}";
        }
    }

    /// <summary>Empties a generation.</summary>
    public static string Clear(string generation) => $"truncate {string.Join(", ", Names.Select(name => $"{CampaignTables.Schema}.{name}_{generation}"))}";

    /// <summary>
    /// Sums a generation that was written before there were sums; the rows of the days were a row per standing then. That table stays: replicas of the version
    /// before may still run. The version after this one drops it.
    /// </summary>
    public static string Sum(string generation) => $"""
        do $$
        begin
            if not exists (select from campaign.campaign_pulse_{generation} where cardinality(sums) = 0) then
                return;
            end if;
            update campaign.campaign_pulse_{generation} p set sums = made.sums
            from ({StandingSums.From($"campaign.standing_count_{generation}", "creators", StandingSums.Places, "tenant_id", "campaign_id")}) made
            where cardinality(p.sums) = 0 and p.tenant_id = made.tenant_id and p.campaign_id = made.campaign_id;
            if to_regclass('campaign.standing_day_{generation}') is not null then
                insert into campaign.campaign_day_{generation} (tenant_id, campaign_id, day, changes)
                {StandingSums.From($"campaign.standing_day_{generation}", "change", StandingSums.ConnectionPlaces, "tenant_id", "campaign_id", "day")}
                on conflict (tenant_id, campaign_id, day) do nothing;
            end if;
        end $$
        """;

    /// <inheritdoc/>
    public async Task Migrate(CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);

        // One replica at a time; the lock goes with the transaction.
        await Run("select pg_advisory_xact_lock(hashtextextended('campaign.view_generation', 0))");

        // An organization's trigrams are keys of its own: a search costs what the organization holds, and walks through neither everybody else's nor all of its own.
        await Run(
            """
            create or replace function campaign.trigrams(organization text, sought text) returns text[] language sql immutable strict parallel safe cost 1000 as
            $$ select coalesce(array_agg(distinct organization || chr(31) || substr(sought, place, 3)), '{}') from generate_series(1, length(sought) - 2) place $$
            """);
        await Run($"create index if not exists {CreatorProfile.SearchIndex} on campaign.mt_doc_creatorprofile using gin (campaign.trigrams(tenant_id, data ->> 'SearchText'))");

        // Before there were generations the plain names were tables.
        await Run(
            """
            do $$
            declare name text;
            begin
                for name in select relname from pg_class where relnamespace = 'campaign'::regnamespace and relkind = 'r'
                            and relname in ('campaign_plan', 'roster', 'creator_connection', 'last_outreach') loop
                    execute format('drop table campaign.%I', name);
                end loop;
            end $$
            """);
        foreach (var statement in All.Select(Sum))
        {
            await Run(statement);
        }

        await using (var ask = new NpgsqlCommand(CurrentSql, connection, transaction))
        {
            foreach (var statement in Turn((string)(await ask.ExecuteScalarAsync(ct))!))
            {
                await Run(statement);
            }
        }

        await transaction.CommitAsync(ct);

        async Task Run(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            await command.ExecuteNonQueryAsync(ct);
        }
    }
}
