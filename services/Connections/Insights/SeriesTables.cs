using Connections.Platforms;
using EventSourcing;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Connections.Insights;

/// <summary>A connection of an organization.</summary>
internal readonly record struct Owner(string Organization, Guid Connection);

/// <summary>
/// Insights as time series, beside the streams: too many, and too often corrected, for an event each. Every key begins with organization and
/// connection. What is read again takes the place of what was there, so a step repeated changes nothing.
/// </summary>
internal static class SeriesTables
{
    private const string AccountMetric = $"{ConnectionTables.Schema}.account_metric";
    private const string ContentItem = $"{ConnectionTables.Schema}.content_item";
    private const string ContentMetric = $"{ConnectionTables.Schema}.content_metric";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> Names { get; } = [AccountMetric, ContentItem, ContentMetric];

    public static void AddTo(EventStoreBuilder store)
    {
        var account = OfConnection(AccountMetric);
        account.AddColumn("metric", "text").NotNull().AsPrimaryKey();
        account.AddColumn("breakdown", "text").NotNull().AsPrimaryKey();
        account.AddColumn("day", "date").NotNull().AsPrimaryKey();
        account.AddColumn("value", "double precision").NotNull();
        account.AddColumn("fetched_at", "timestamptz").NotNull();

        var item = OfConnection(ContentItem);
        item.AddColumn("content_id", "text").NotNull().AsPrimaryKey();
        item.AddColumn("kind", "text").NotNull();
        item.AddColumn("permalink", "text");
        item.AddColumn("published_at", "timestamptz").NotNull();
        item.AddColumn("fetched_at", "timestamptz").NotNull();
        item.Indexes.Add(new IndexDefinition("content_item_published_at") { Columns = ["tenant_id", "connection_id", "published_at", "content_id"] });

        var content = OfConnection(ContentMetric);
        content.AddColumn("content_id", "text").NotNull().AsPrimaryKey();
        content.AddColumn("metric", "text").NotNull().AsPrimaryKey();
        content.AddColumn("day", "date").NotNull().AsPrimaryKey();
        content.AddColumn("value", "double precision").NotNull();
        content.AddColumn("fetched_at", "timestamptz").NotNull();
        store.Table(account).Table(item).Table(content);
    }

    /// <summary>Stores everything a step brought: one statement per table, however many rows.</summary>
    public static IEnumerable<NpgsqlCommand> Store(Owner owner, InsightsStep step, DateTimeOffset now)
    {
        // One statement must not touch a row twice; where a platform repeats itself, the last word counts.
        if (step.Account.GroupBy(row => (row.Metric, row.Breakdown, row.Day)).Select(same => same.Last()).ToList() is { Count: > 0 } account)
        {
            yield return new NpgsqlCommand($"""
                insert into {AccountMetric} (tenant_id, connection_id, fetched_at, metric, breakdown, day, value)
                select $1, $2, $3, rows.* from unnest($4::text[], $5::text[], $6::date[], $7::double precision[]) as rows
                on conflict (tenant_id, connection_id, metric, breakdown, day) do update set value = excluded.value, fetched_at = excluded.fetched_at
                """).With(
                owner.Organization, owner.Connection, now,
                account.Select(row => row.Metric).ToArray(), account.Select(row => row.Breakdown).ToArray(), account.Select(row => row.Day).ToArray(), account.Select(row => row.Value).ToArray());
        }

        if (step.Content.GroupBy(item => item.Id).Select(same => same.Last()).ToList() is { Count: > 0 } content)
        {
            yield return new NpgsqlCommand($"""
                insert into {ContentItem} (tenant_id, connection_id, fetched_at, content_id, kind, permalink, published_at)
                select $1, $2, $3, rows.* from unnest($4::text[], $5::text[], $6::text[], $7::timestamptz[]) as rows
                on conflict (tenant_id, connection_id, content_id) do update set
                    kind = excluded.kind, permalink = excluded.permalink, published_at = excluded.published_at, fetched_at = excluded.fetched_at
                """).With(
                owner.Organization, owner.Connection, now,
                content.Select(item => item.Id).ToArray(), content.Select(item => item.Kind).ToArray(), content.Select(item => item.Permalink).ToArray(), content.Select(item => item.PublishedAt).ToArray());
        }

        if (step.ContentMetrics.GroupBy(row => (row.ContentId, row.Metric, row.Day)).Select(same => same.Last()).ToList() is { Count: > 0 } metrics)
        {
            yield return new NpgsqlCommand($"""
                insert into {ContentMetric} (tenant_id, connection_id, fetched_at, content_id, metric, day, value)
                select $1, $2, $3, rows.* from unnest($4::text[], $5::text[], $6::date[], $7::double precision[]) as rows
                on conflict (tenant_id, connection_id, content_id, metric, day) do update set value = excluded.value, fetched_at = excluded.fetched_at
                """).With(
                owner.Organization, owner.Connection, now,
                metrics.Select(row => row.ContentId).ToArray(), metrics.Select(row => row.Metric).ToArray(), metrics.Select(row => row.Day).ToArray(), metrics.Select(row => row.Value).ToArray());
        }
    }

    /// <summary>A metric of the account, by day and breakdown.</summary>
    public static NpgsqlCommand Series(Owner owner, string metric, DateOnly from, DateOnly to) => new NpgsqlCommand($"""
        select day, breakdown, value, fetched_at from {AccountMetric} where tenant_id = $1 and connection_id = $2 and metric = $3 and day between $4 and $5 order by day, breakdown
        """).With(owner.Organization, owner.Connection, metric, from, to);

    /// <summary>A metric of one piece of content, by day.</summary>
    public static NpgsqlCommand Series(Owner owner, string content, string metric, DateOnly from, DateOnly to) => new NpgsqlCommand($"""
        select day, '', value, fetched_at from {ContentMetric} where tenant_id = $1 and connection_id = $2 and content_id = $3 and metric = $4 and day between $5 and $6 order by day
        """).With(owner.Organization, owner.Connection, content, metric, from, to);

    public static NpgsqlCommand HasContent(Owner owner, string content) =>
        new NpgsqlCommand($"select 1 from {ContentItem} where tenant_id = $1 and connection_id = $2 and content_id = $3").With(owner.Organization, owner.Connection, content);

    /// <summary>Content, newest first, from after a place in that order on, each with the newest value of every metric.</summary>
    public static NpgsqlCommand Content(Owner owner, DateTimeOffset before, string beforeId, int limit) => new NpgsqlCommand($"""
        select i.content_id, i.kind, i.permalink, i.published_at, i.fetched_at, m.metrics, m.values
        from {ContentItem} i
        left join lateral (
            select array_agg(metric order by metric) as metrics, array_agg(value order by metric) as values
            from (select distinct on (metric) metric, value from {ContentMetric} c
                  where c.tenant_id = i.tenant_id and c.connection_id = i.connection_id and c.content_id = i.content_id order by metric, day desc) newest) m on true
        where i.tenant_id = $1 and i.connection_id = $2 and (i.published_at, i.content_id) < ($3, $4)
        order by i.published_at desc, i.content_id desc limit $5
        """).With(owner.Organization, owner.Connection, before, beforeId, limit);

    /// <summary>Which metrics of the account there are, and from when to when.</summary>
    public static NpgsqlCommand Metrics(Owner owner) =>
        new NpgsqlCommand($"select metric, min(day), max(day) from {AccountMetric} where tenant_id = $1 and connection_id = $2 group by metric order by metric").With(owner.Organization, owner.Connection);

    /// <summary>How much content there is, by kind.</summary>
    public static NpgsqlCommand Kinds(Owner owner) =>
        new NpgsqlCommand($"select kind, count(*), max(published_at) from {ContentItem} where tenant_id = $1 and connection_id = $2 group by kind order by kind").With(owner.Organization, owner.Connection);

    /// <summary>Deletes what may not be kept: numbers about a time too long ago, and what was not read again for too long. What no longer lives keeps its numbers, and loses its address.</summary>
    /// <param name="owner">The connection.</param>
    /// <param name="keepSince">Nothing about a time before this is kept.</param>
    /// <param name="readSince">Nothing that was last read before this is kept.</param>
    /// <param name="passing">Kinds of content that live for a while only.</param>
    /// <param name="liveSince">When the oldest of those that still live was published.</param>
    public static IEnumerable<NpgsqlCommand> Sweep(Owner owner, DateTimeOffset keepSince, DateTimeOffset readSince, string[] passing, DateTimeOffset liveSince)
    {
        var oldest = DateOnly.FromDateTime(keepSince.UtcDateTime);
        yield return new NpgsqlCommand($"delete from {AccountMetric} where tenant_id = $1 and connection_id = $2 and (day < $3 or fetched_at < $4)").With(owner.Organization, owner.Connection, oldest, readSince);
        yield return new NpgsqlCommand($"delete from {ContentMetric} where tenant_id = $1 and connection_id = $2 and (day < $3 or fetched_at < $4)").With(owner.Organization, owner.Connection, oldest, readSince);
        yield return new NpgsqlCommand($"""
            delete from {ContentItem} i where tenant_id = $1 and connection_id = $2 and (published_at < $3 or fetched_at < $4)
                and not exists (select 1 from {ContentMetric} m where m.tenant_id = i.tenant_id and m.connection_id = i.connection_id and m.content_id = i.content_id)
            """).With(owner.Organization, owner.Connection, keepSince, readSince);
        yield return new NpgsqlCommand($"update {ContentItem} set permalink = null where tenant_id = $1 and connection_id = $2 and kind = any($3) and published_at < $4 and permalink is not null")
            .With(owner.Organization, owner.Connection, passing, liveSince);
    }

    private static Table OfConnection(string name)
    {
        var table = new Table(name);
        table.AddColumn("tenant_id", "text").NotNull().AsPrimaryKey();
        table.AddColumn("connection_id", "uuid").NotNull().AsPrimaryKey();
        return table;
    }
}
