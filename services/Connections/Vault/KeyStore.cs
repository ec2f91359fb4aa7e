using EventSourcing;
using Npgsql;

namespace Connections.Vault;

/// <summary>
/// Wrapped keys of creators, in a PostgreSQL database of their own: a backup of the streams and documents holds none of them, and what is destroyed
/// here is gone there too. Which generation is the current one lies beside the streams, since it changes in the transaction of an erasure's events.
/// </summary>
public sealed class KeyStore : ICreatorKeyStore, IMigration, IAsyncDisposable
{
    private const string Table = "vault.creator_key";
    private readonly NpgsqlDataSource keys;
    private readonly NpgsqlDataSource connections;
    private readonly TimeProvider clock;

    public KeyStore(string connectionString, NpgsqlDataSource connections, TimeProvider clock, ILoggerFactory? loggers = null)
    {
        (this.connections, this.clock) = (connections, clock);
        var source = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = "connections" }.ConnectionString);
        source.UseLoggerFactory(loggers);
        keys = source.Build();
    }

    /// <summary>Makes the table where it is missing. Replicas that start together take turns.</summary>
    public Task Migrate(CancellationToken ct) => Reach(async () =>
    {
        await using var connection = await keys.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var command = new NpgsqlCommand(
            $"""
            select pg_advisory_xact_lock(hashtext('{Table}'));
            create schema if not exists vault;
            create table if not exists {Table} (
                organization text not null,
                creator_id uuid not null,
                generation int not null,
                key_id text,
                wrapped bytea,
                created_at timestamptz not null,
                wrapped_at timestamptz,
                destroyed_at timestamptz,
                leased_until timestamptz,
                primary key (organization, creator_id, generation),
                check ((wrapped is null) = (destroyed_at is not null))
            ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 0);
            create index if not exists creator_key_key_id on {Table} (key_id, wrapped_at);
            """,
            connection,
            transaction);
        await command.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
        return true;
    });

    public async Task<int> Generation(string organization, Guid creator, CancellationToken ct)
    {
        await using var command = connections.CreateCommand($"select generation from {ConnectionTables.Schema}.key_generation where tenant_id = $1 and creator_id = $2");
        command.With(organization, creator);
        return await command.ExecuteScalarAsync(ct) is int generation ? generation : 0;
    }

    public async Task BeginAfter(string organization, Guid creator, int generation, CancellationToken ct)
    {
        await using var command = connections.CreateCommand($"""
            insert into {ConnectionTables.Schema}.key_generation as g (tenant_id, creator_id, generation) values ($1, $2, $3 + 1)
            on conflict (tenant_id, creator_id) do update set generation = excluded.generation where g.generation = $3
            """);
        command.With(organization, creator, generation);
        await command.ExecuteNonQueryAsync(ct);
    }

    public Task<StoredKey?> Find(string organization, Guid creator, int generation, CancellationToken ct) => Reach(async () =>
    {
        await using var command = keys.CreateCommand($"select key_id, wrapped from {Table} where organization = $1 and creator_id = $2 and generation = $3");
        command.With(organization, creator, generation);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? new StoredKey(reader.IsDBNull(1) ? null : new(reader.GetString(0), reader.GetFieldValue<byte[]>(1))) : null;
    });

    public async Task<StoredKey> Add(string organization, Guid creator, int generation, WrappedKey wrapped, CancellationToken ct)
    {
        await Reach(async () =>
        {
            await using var command = keys.CreateCommand($"""
                insert into {Table} (organization, creator_id, generation, key_id, wrapped, created_at, wrapped_at) values ($1, $2, $3, $4, $5, $6, $6)
                on conflict do nothing
                """);
            command.With(organization, creator, generation, wrapped.KeyId, wrapped.Bytes, clock.GetUtcNow());
            return await command.ExecuteNonQueryAsync(ct);
        });
        return (await Find(organization, creator, generation, ct))!;
    }

    /// <summary>
    /// Destroys the creator's keys up to a generation, for ever: the row stays, so that whoever comes late finds it destroyed and makes no new key
    /// in its place. Repeating it changes nothing.
    /// </summary>
    public Task Destroy(string organization, Guid creator, int upToGeneration, CancellationToken ct) => Reach(async () =>
    {
        await using var command = keys.CreateCommand($"""
            with earlier as (
                update {Table} set key_id = null, wrapped = null, destroyed_at = $4, leased_until = null
                where organization = $1 and creator_id = $2 and generation < $3 and wrapped is not null)
            insert into {Table} as k (organization, creator_id, generation, created_at, destroyed_at) values ($1, $2, $3, $4, $4)
            on conflict (organization, creator_id, generation) do update set key_id = null, wrapped = null, destroyed_at = $4, leased_until = null where k.wrapped is not null
            """);
        command.With(organization, creator, upToGeneration, clock.GetUtcNow());
        return await command.ExecuteNonQueryAsync(ct);
    });

    /// <summary>How many keys lie under which other key-encryption keys than this one. Reads only those.</summary>
    public Task<IReadOnlyDictionary<string, long>> UnderOtherKeys(string activeKeyId, CancellationToken ct) => Reach(async () =>
    {
        await using var command = keys.CreateCommand($"select key_id, count(*) from {Table} where key_id < $1 or key_id > $1 group by key_id");
        command.With(activeKeyId);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var counts = new Dictionary<string, long>();
        while (await reader.ReadAsync(ct))
        {
            counts[reader.GetString(0)] = reader.GetInt64(1);
        }

        return (IReadOnlyDictionary<string, long>)counts;
    });

    /// <summary>A page of keys that this key-encryption key wrapped before an instant; nobody else gets them while the lease lasts.</summary>
    public Task<IReadOnlyList<LeasedKey>> Lease(string keyId, DateTimeOffset wrappedBefore, TimeSpan lease, int page, CancellationToken ct) => Reach(async () =>
    {
        var now = clock.GetUtcNow();
        await using var command = keys.CreateCommand($"""
            update {Table} k set leased_until = $2
            from (select organization, creator_id, generation from {Table}
                  where key_id = $3 and wrapped_at <= $4 and (leased_until is null or leased_until < $1)
                  order by wrapped_at limit {page} for update skip locked) due
            where k.organization = due.organization and k.creator_id = due.creator_id and k.generation = due.generation
            returning k.organization, k.creator_id, k.generation, k.key_id, k.wrapped
            """);
        command.With(now, now + lease, keyId, wrappedBefore);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var leased = new List<LeasedKey>();
        while (await reader.ReadAsync(ct))
        {
            leased.Add(new(reader.GetString(0), reader.GetGuid(1), reader.GetInt32(2), new(reader.GetString(3), reader.GetFieldValue<byte[]>(4))));
        }

        return (IReadOnlyList<LeasedKey>)leased;
    });

    /// <summary>Puts the same key, wrapped by another, in the place of what was leased; not where it was destroyed or replaced meanwhile.</summary>
    public Task<bool> Replace(LeasedKey leased, WrappedKey wrapped, CancellationToken ct) => Reach(async () =>
    {
        await using var command = keys.CreateCommand($"""
            update {Table} set key_id = $5, wrapped = $6, wrapped_at = $7, leased_until = null
            where organization = $1 and creator_id = $2 and generation = $3 and wrapped = $4
            """);
        command.With(leased.Organization, leased.CreatorId, leased.Generation, leased.Wrapped.Bytes, wrapped.KeyId, wrapped.Bytes, clock.GetUtcNow());
        return await command.ExecuteNonQueryAsync(ct) == 1;
    });

    public ValueTask DisposeAsync() => keys.DisposeAsync();

    private static async Task<T> Reach<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            throw new TokenVaultException(VaultFault.Unreachable, "The database of the vault's keys does not answer as it should.", exception);
        }
    }
}

/// <summary>A creator's key that this process alone may wrap anew for a while.</summary>
public sealed record LeasedKey(string Organization, Guid CreatorId, int Generation, WrappedKey Wrapped);
