using EventSourcing;
using Marten;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Webhooks;

/// <summary>An endpoint as it is now.</summary>
/// <param name="Id">The endpoint.</param>
/// <param name="Settings">What its organization says of it.</param>
/// <param name="Paused">Why nothing is sent there.</param>
/// <param name="PausedAt">Since when.</param>
/// <param name="FailingSince">Since when nothing has got through; null when the last one did, or none was tried.</param>
/// <param name="CreatedAt">When it was registered.</param>
/// <param name="Revision">The version of its stream.</param>
/// <param name="Secrets">What signs, the newest last.</param>
public sealed record EndpointRow(
    Guid Id, EndpointSettings Settings, string? Paused, DateTimeOffset? PausedAt, DateTimeOffset? FailingSince, DateTimeOffset CreatedAt, long Revision, IReadOnlyList<EndpointSecret> Secrets);

/// <summary>A secret that signs, without itself.</summary>
public sealed record EndpointSecret(Guid Id, DateTimeOffset CreatedAt, DateTimeOffset? EndsAt);

/// <summary>
/// The endpoints as rows beside their streams: those who send ask for many at once, and what must not be in an event lies here. Written in the transaction that
/// records the facts, and by nobody else, but for how an endpoint is doing (<see cref="Sending.DeliveryTable"/>).
/// </summary>
public sealed class EndpointTable(NpgsqlDataSource source)
{
    public static Table Endpoints()
    {
        var table = new Table("webhooks.endpoint");
        table.AddColumn<string>("tenant_id").AsPrimaryKey();
        table.AddColumn<Guid>("endpoint_id").AsPrimaryKey();
        table.AddColumn("url", "text").NotNull();
        table.AddColumn("description", "text").NotNull();
        table.AddColumn("types", "text[]").NotNull();
        table.AddColumn("paused", "text");
        table.AddColumn("paused_at", "timestamptz");
        table.AddColumn("revision", "bigint").NotNull();
        table.AddColumn("created_at", "timestamptz").NotNull();

        // How it is doing. Neither is a fact of the stream: they change with every other answer.
        table.AddColumn("failing_since", "timestamptz");
        table.AddColumn("hold_until", "timestamptz");
        return table;
    }

    public static Table SecretTable()
    {
        var table = new Table("webhooks.endpoint_secret");
        table.AddColumn<string>("tenant_id").AsPrimaryKey();
        table.AddColumn<Guid>("endpoint_id").AsPrimaryKey();
        table.AddColumn<Guid>("secret_id").AsPrimaryKey();
        table.AddColumn("key_id", "text").NotNull();
        table.AddColumn("sealed", "bytea").NotNull();
        table.AddColumn("created_at", "timestamptz").NotNull();
        table.AddColumn("ends_at", "timestamptz");
        return table;
    }

    /// <summary>Endpoints that were removed and still have deliveries to be forgotten.</summary>
    public static Table Removed()
    {
        var table = new Table("webhooks.removed_endpoint");
        table.AddColumn<string>("tenant_id").AsPrimaryKey();
        table.AddColumn<Guid>("endpoint_id").AsPrimaryKey();
        return table;
    }

    /// <summary>Decides on one endpoint and records it with its row: with what it is to be, where that changes, and its new secret, where there is one.</summary>
    public static async Task<Outcome<WebhookEndpoint>> Record(
        StreamSession session, Guid id, Func<WebhookEndpoint?, Decision> decide, DateTimeOffset now, CancellationToken ct,
        long? expectedVersion = null, EndpointSettings? settings = null, SealedSecret? secret = null)
    {
        Decision decision = Decision.Nothing;
        return await session.DecideAndSave<WebhookEndpoint>(
            id, endpoint => decision = decide(endpoint), ct, expectedVersion,
            alongside: operations =>
            {
                foreach (var fact in decision is Decision.Recorded recorded ? recorded.Events : [])
                {
                    Write(operations, id, fact, now, settings, secret);
                }
            });
    }

    /// <summary>One endpoint; null where the organization has none of this id.</summary>
    public async Task<EndpointRow?> Find(string organization, Guid id, DateTimeOffset now, CancellationToken ct) => (await Read(organization, id, null, 1, now, ct)).SingleOrDefault();

    /// <summary>The endpoints behind a place, oldest first.</summary>
    public Task<IReadOnlyList<EndpointRow>> List(string organization, Place? after, int limit, DateTimeOffset now, CancellationToken ct) => Read(organization, null, after, limit, now, ct);

    /// <summary>How many endpoints the organization has.</summary>
    public async Task<long> Count(string organization, CancellationToken ct)
    {
        await using var command = source.CreateCommand("select count(*) from webhooks.endpoint where tenant_id = $1").With(organization);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    private async Task<IReadOnlyList<EndpointRow>> Read(string organization, Guid? only, Place? after, int limit, DateTimeOffset now, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            select e.endpoint_id, e.url, e.description, e.types, e.paused, e.paused_at, e.failing_since, e.created_at, e.revision, s.ids, s.created, s.ends
            from webhooks.endpoint e
            left join lateral (
                select array_agg(secret_id order by created_at, secret_id) as ids, array_agg(created_at order by created_at, secret_id) as created,
                       array_agg(coalesce(ends_at, 'infinity') order by created_at, secret_id) as ends
                from webhooks.endpoint_secret where tenant_id = e.tenant_id and endpoint_id = e.endpoint_id and (ends_at is null or ends_at > $6)) s on true
            where e.tenant_id = $1 and ($2::uuid is null or e.endpoint_id = $2) and ($3::bigint is null or (extract(epoch from e.created_at) * 1000000, e.endpoint_id) > ($3, $4::uuid))
            order by e.created_at, e.endpoint_id limit $5
            """).With(organization, only, after?.Position, after?.Id, limit, now);
        var rows = new List<EndpointRow>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var (ids, created, ends) = reader.IsDBNull(9)
                ? ([], [], [])
                : (reader.GetFieldValue<Guid[]>(9), reader.GetFieldValue<DateTimeOffset[]>(10), reader.GetFieldValue<DateTimeOffset[]>(11));
            rows.Add(new(
                reader.GetGuid(0), new(reader.GetString(1), reader.GetString(2), reader.GetFieldValue<string[]>(3)), reader.Text(4), reader.Value<DateTimeOffset>(5),
                reader.Value<DateTimeOffset>(6), reader.GetFieldValue<DateTimeOffset>(7), reader.GetInt64(8),
                [.. ids.Select((id, i) => new EndpointSecret(id, created[i], ends[i] == DateTimeOffset.MaxValue ? null : ends[i]))]));
        }

        return rows;
    }

    private static void Write(IDocumentOperations operations, Guid id, object fact, DateTimeOffset now, EndpointSettings? settings, SealedSecret? secret)
    {
        var organization = operations.TenantId;
        switch (fact)
        {
            case EndpointRegistered e:
                operations.QueueSqlCommand(
                    """
                    insert into webhooks.endpoint (tenant_id, endpoint_id, url, description, types, paused, paused_at, revision, created_at)
                    values (?, ?, ?, ?, ?, nullif(?, ''), case when ? then ?::timestamptz end, 0, ?)
                    """,
                    organization, id, settings!.Url, settings.Description, settings.Types.ToArray(), e.Paused ? nameof(PauseReason.Manual) : "", e.Paused, now, now);
                Keep(operations, id, secret!, now);
                break;
            case EndpointChanged:
                operations.QueueSqlCommand(
                    "update webhooks.endpoint set url = ?, description = ?, types = ?, failing_since = null, hold_until = null where tenant_id = ? and endpoint_id = ?",
                    settings!.Url, settings.Description, settings.Types.ToArray(), organization, id);
                break;
            case EndpointPaused e:
                operations.QueueSqlCommand("update webhooks.endpoint set paused = ?, paused_at = ? where tenant_id = ? and endpoint_id = ?", e.Reason, now, organization, id);
                break;
            case EndpointResumed:
                operations.QueueSqlCommand(
                    "update webhooks.endpoint set paused = null, paused_at = null, failing_since = null, hold_until = null where tenant_id = ? and endpoint_id = ?", organization, id);

                // Somebody says that it is mended: what was put off need not wait for its time.
                operations.QueueSqlCommand(
                    "update webhooks.lane set due_at = ? where tenant_id = ? and endpoint_id = ? and lease is null and due_at > ?", now, organization, id, now);
                break;
            case SecretRotated e:
                operations.QueueSqlCommand(
                    "update webhooks.endpoint_secret set ends_at = ? where tenant_id = ? and endpoint_id = ? and ends_at is null", e.PreviousEndsAt, organization, id);
                Keep(operations, id, secret!, now);
                break;
            case PreviousSecretsEnded e:
                operations.QueueSqlCommand(
                    "delete from webhooks.endpoint_secret where tenant_id = ? and endpoint_id = ? and secret_id = any(?)", organization, id, e.SecretIds.ToArray());
                break;
            case EndpointRemoved:
                operations.QueueSqlCommand("delete from webhooks.endpoint_secret where tenant_id = ? and endpoint_id = ?", organization, id);
                operations.QueueSqlCommand("delete from webhooks.endpoint where tenant_id = ? and endpoint_id = ?", organization, id);
                operations.QueueSqlCommand("insert into webhooks.removed_endpoint (tenant_id, endpoint_id) values (?, ?)", organization, id);
                break;
        }

        // Once per fact, so that it is the version of the stream.
        operations.QueueSqlCommand("update webhooks.endpoint set revision = revision + 1 where tenant_id = ? and endpoint_id = ?", organization, id);
    }

    private static void Keep(IDocumentOperations operations, Guid id, SealedSecret secret, DateTimeOffset now) => operations.QueueSqlCommand(
        "insert into webhooks.endpoint_secret (tenant_id, endpoint_id, secret_id, key_id, sealed, created_at) values (?, ?, ?, ?, ?, ?)",
        operations.TenantId, id, secret.Id, secret.KeyId, secret.Bytes, now);
}
