using Marten;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Outreach;

/// <summary>When a recipient did what. Whoever opened the Hub has opened the message, image or not.</summary>
public sealed record EngagementRow(Guid DeliveryId, DateTimeOffset? OpenedAt, DateTimeOffset? ClickedAt, DateTimeOffset? ConnectedAt, DateTimeOffset? UnsubscribedAt);

/// <summary>How many recipients got how far. Each counts once at every step.</summary>
public sealed record EngagementCounts(int Opened, int Clicked, int Connected);

/// <summary>How many recipients of a campaign's template got how far.</summary>
public sealed record ConversionRow(Guid CampaignId, string Template, int Sent, int Opened, int Clicked, int Connected);

/// <summary>
/// What became of messages after they were sent, one row each: written in the transaction that records the fact, and keeping the earliest of each, so
/// that a repeat changes nothing.
/// </summary>
public sealed class Engagements(NpgsqlDataSource source)
{
    private const string Name = "outreach.engagement";

    public static Table Table()
    {
        var table = new Table(Name);
        table.AddColumn<string>("tenant_id").AsPrimaryKey();
        table.AddColumn<Guid>("delivery_id").AsPrimaryKey();
        table.AddColumn<Guid>("outreach_id").NotNull();
        table.AddColumn<Guid>("campaign_id").NotNull();
        table.AddColumn("template", "text").NotNull();
        table.AddColumn<Guid>("creator_id").NotNull();
        table.AddColumn("opened_at", "timestamptz");
        table.AddColumn("clicked_at", "timestamptz");
        table.AddColumn("converted_at", "timestamptz");
        table.AddColumn("platforms", "text[]");
        table.AddColumn("revoked_at", "timestamptz");
        table.AddColumn("unsubscribed_at", "timestamptz");
        table.Indexes.Add(new IndexDefinition("engagement_by_outreach") { Columns = ["tenant_id", "outreach_id"] });
        return table;
    }

    public static void Opened(IDocumentOperations operations, Recipient recipient, DateTimeOffset at) => Note(operations, recipient, "opened_at", at);

    public static void Clicked(IDocumentOperations operations, Recipient recipient, DateTimeOffset at) => Note(operations, recipient, "clicked_at", at);

    public static void Withdrawn(IDocumentOperations operations, Recipient recipient, DateTimeOffset at) => Note(operations, recipient, "revoked_at", at);

    public static void Unsubscribed(IDocumentOperations operations, Recipient recipient, DateTimeOffset at) => Note(operations, recipient, "unsubscribed_at", at);

    public static void Converted(IDocumentOperations operations, Recipient recipient, string platform, DateTimeOffset at)
    {
        Note(operations, recipient, "converted_at", at);
        operations.QueueSqlCommand(
            $"update {Name} set platforms = array_append(platforms, ?) where tenant_id = ? and delivery_id = ? and ? <> all (coalesce(platforms, '{{}}'))",
            platform, operations.TenantId, recipient.DeliveryId, platform);
    }

    /// <summary>How far the recipients of one outreach got.</summary>
    public async Task<EngagementCounts> Count(string organization, Guid outreach, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"""
            select count(coalesce(opened_at, clicked_at))::int, count(clicked_at)::int, count(converted_at)::int
            from {Name} where tenant_id = $1 and outreach_id = $2
            """);
        command.Parameters.Add(new() { Value = organization });
        command.Parameters.Add(new() { Value = outreach });
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return new(reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2));
    }

    /// <summary>What these recipients did; who did nothing is missing from the answer.</summary>
    public async Task<IReadOnlyDictionary<Guid, EngagementRow>> Of(string organization, IReadOnlyCollection<Guid> deliveries, CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            $"select delivery_id, least(opened_at, clicked_at), clicked_at, converted_at, unsubscribed_at from {Name} where tenant_id = $1 and delivery_id = any($2)");
        command.Parameters.Add(new() { Value = organization });
        command.Parameters.Add(new() { Value = deliveries.ToArray() });
        var rows = new Dictionary<Guid, EngagementRow>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            rows[reader.GetGuid(0)] = new(reader.GetGuid(0), TimeIn(reader, 1), TimeIn(reader, 2), TimeIn(reader, 3), TimeIn(reader, 4));
        }

        return rows;
    }

    /// <summary>
    /// How far the recipients of each campaign's templates got, of those who were written to from <paramref name="from"/> on and before
    /// <paramref name="to"/>. Who opened a message in doubt has evidently received it.
    /// </summary>
    public async Task<IReadOnlyList<ConversionRow>> Conversion(
        string organization, Guid? campaign, string? template, DateTimeOffset? from, DateTimeOffset? to, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"""
            select r.campaign_id, r.template, count(*)::int, count(coalesce(e.opened_at, e.clicked_at))::int, count(e.clicked_at)::int, count(e.converted_at)::int
            from outreach.recipients r left join {Name} e on e.tenant_id = r.tenant_id and e.delivery_id = r.delivery_id
            where r.tenant_id = @organization and (r.verdict in ('Sent', 'Bounced') or coalesce(e.opened_at, e.clicked_at, e.converted_at) is not null)
              and (@campaign is null or r.campaign_id = @campaign) and (@template is null or r.template = @template)
              and (@from is null or r.at >= @from) and (@to is null or r.at < @to)
            group by r.campaign_id, r.template order by r.campaign_id, r.template
            """);
        command.Parameters.Add(new("organization", organization));
        command.Parameters.Add(new NpgsqlParameter<Guid?>("campaign", campaign) { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid });
        command.Parameters.Add(new NpgsqlParameter<string?>("template", template) { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset?>("from", from?.ToUniversalTime()) { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset?>("to", to?.ToUniversalTime()) { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz });
        var rows = new List<ConversionRow>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            rows.Add(new(reader.GetGuid(0), reader.GetString(1), reader.GetInt32(2), reader.GetInt32(3), reader.GetInt32(4), reader.GetInt32(5)));
        }

        return rows;
    }

    private static DateTimeOffset? TimeIn(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);

    private static void Note(IDocumentOperations operations, Recipient recipient, string column, DateTimeOffset at) => operations.QueueSqlCommand(
        $"""
        insert into {Name} as known (tenant_id, delivery_id, outreach_id, campaign_id, template, creator_id, {column}) values (?, ?, ?, ?, ?, ?, ?)
        on conflict (tenant_id, delivery_id) do update set {column} = least(known.{column}, excluded.{column})
        """,
        operations.TenantId, recipient.DeliveryId, recipient.OutreachId, recipient.CampaignId, recipient.Template, recipient.CreatorId, at.ToUniversalTime());
}
