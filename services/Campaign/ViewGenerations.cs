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

    // A part of a roster is a number, made of both: a search costs what it finds there, and walks through neither everybody else's rosters nor all of its own. The number has
    // 64 bits: that two parts of one roster share one is not reckoned with. Who has several parts may have them apart, so what is found by several is compared with what was looked for.
    private const string SearchFunctions = """
        create or replace function campaign.search_hashes(roster uuid, parts text[]) returns bigint[] language sql immutable strict parallel safe as
        $$ select coalesce(array_agg(distinct hashtextextended(part, seed)), '{}') from (select uuid_hash_extended(roster, 0) as seed) roster, unnest(parts) part $$;

        create or replace function campaign.search_parts(sought text) returns text[] language sql immutable strict parallel safe as
        $$ select array(select substr(sought, place, 3) from generate_series(1, length(sought) - 2) place
                        union select '^' || left(word, many) from regexp_split_to_table(sought, '[ \n]') word, generate_series(1, 2) many where length(word) >= many) $$;

        create or replace function campaign.search_index(roster uuid, sought text) returns bigint[] language sql immutable strict parallel safe cost 100 as
        $$ select campaign.search_hashes(roster, campaign.search_parts(sought)) $$;

        create or replace function campaign.keep_search() returns trigger language plpgsql security definer set search_path = pg_catalog as
        $keep$
        begin
            if not exists (select from changed) then
                return null;
            end if;
            execute format(
                $sql$insert into campaign.roster_search_%1$s as old (tenant_id, campaign_id, creator_id, standing, expiring_at, contacted_at, search_text)
                     select changed.tenant_id, changed.campaign_id, changed.creator_id, changed.standing, changed.expiring_at, changed.contacted_at, coalesce(profile.data ->> 'SearchText', '')
                     from changed left join campaign.mt_doc_creatorprofile profile on profile.tenant_id = changed.tenant_id and profile.id = changed.creator_id
                     where changed.on_roster
                     on conflict (tenant_id, campaign_id, creator_id) do update
                         set standing = excluded.standing, expiring_at = excluded.expiring_at, contacted_at = excluded.contacted_at, search_text = excluded.search_text
                     where (old.standing, old.expiring_at, old.contacted_at, old.search_text)
                           is distinct from (excluded.standing, excluded.expiring_at, excluded.contacted_at, excluded.search_text)$sql$, tg_argv[0]);
            if exists (select from changed where not on_roster) then
                execute format(
                    $sql$delete from campaign.roster_search_%1$s old using changed
                         where not changed.on_roster and old.tenant_id = changed.tenant_id and old.campaign_id = changed.campaign_id and old.creator_id = changed.creator_id$sql$, tg_argv[0]);
            end if;
            return null;
        end $keep$
        """;

    // Kept by triggers, under the owner's rights, and not by the projection: replicas of the version before know nothing of it, and one of them may lead for a while yet. While a roster is first read, its writers wait.
    // Both generations are: a rebuild by a replica of that version may be filling the one that does not count, and turn to it.
    private static string Search(string generation) => $"""
        do $$
        begin
            if exists (select from pg_trigger where tgname = 'roster_joined' and tgrelid = 'campaign.roster_{generation}'::regclass) then
                return;
            end if;
            -- Help would be called for what takes a few milliseconds alone, and takes longer to come.
            alter table campaign.roster_search_{generation} set (parallel_workers = 0);
            create trigger roster_joined after insert on campaign.roster_{generation} referencing new table as changed for each statement execute function campaign.keep_search('{generation}');
            create trigger roster_moved after update on campaign.roster_{generation} referencing new table as changed for each statement execute function campaign.keep_search('{generation}');
            insert into campaign.roster_search_{generation} (tenant_id, campaign_id, creator_id, standing, expiring_at, contacted_at, search_text)
            select roster.tenant_id, campaign_id, creator_id, standing, expiring_at, contacted_at, coalesce(profile.data ->> 'SearchText', '')
            from campaign.roster_{generation} roster left join campaign.mt_doc_creatorprofile profile on profile.tenant_id = roster.tenant_id and profile.id = creator_id
            where on_roster order by roster.tenant_id, campaign_id;
            create index {CampaignTables.SearchIndex(generation)} on campaign.roster_search_{generation} using gin (campaign.search_index(campaign_id, search_text));
        end $$
        """;

    // Last, when nothing that takes long is left to be done: whoever reads profiles waits for it. The function it was made of stays for replicas of the version before, whose searches are slow for a while;
    // the version after this one drops it.
    private const string DropSearchOfProfiles = $"drop index if exists {CampaignTables.Schema}.{CreatorProfile.SearchIndexBefore}";

    /// <inheritdoc/>
    public async Task Migrate(CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);

        // One replica at a time; the lock goes with the transaction.
        await Run("select pg_advisory_xact_lock(hashtextextended('campaign.view_generation', 0))");

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
        foreach (var statement in All.Select(Sum).Append(SearchFunctions).Concat(All.Select(Search)).Append(DropSearchOfProfiles))
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
            // A large organization's rosters take minutes.
            await using var command = new NpgsqlCommand(sql, connection, transaction) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(ct);
        }
    }
}
