using Connections.Insights;
using Connections.Upkeep;
using EventSourcing;
using Marten;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Connections;

/// <summary>
/// What is looked up by clock, by platform account or by a callback's state, beside the streams and in the transaction of the events.
/// These cross organizations on purpose: a platform and a clock know no tenant. Each row names the organization its stream belongs to.
/// </summary>
internal static class ConnectionTables
{
    public const string Schema = "connections";

    public static void AddTo(EventStoreBuilder store)
    {
        // By which keys a platform may speak of a connected account.
        var keys = new Table($"{Schema}.account_key");
        keys.AddColumn("platform", "text").NotNull().AsPrimaryKey();
        keys.AddColumn("key", "text").NotNull().AsPrimaryKey();
        keys.AddColumn("tenant_id", "text").NotNull().AsPrimaryKey();
        keys.AddColumn("connection_id", "uuid").NotNull().AsPrimaryKey();
        keys.Indexes.Add(new IndexDefinition("account_key_connection") { Columns = ["tenant_id", "connection_id"] });

        // Visits to a consent page that have not come back yet. The state itself is not stored, only its hash.
        var attempt = new Table($"{Schema}.authorization_attempt");
        attempt.AddColumn("state_hash", "text").NotNull().AsPrimaryKey();
        attempt.AddColumn("tenant_id", "text").NotNull();
        attempt.AddColumn("session_id", "uuid").NotNull();
        attempt.AddColumn("creator_id", "uuid").NotNull();
        attempt.AddColumn("platform", "text").NotNull();
        attempt.AddColumn("redirect_uri", "text").NotNull();
        attempt.AddColumn("code_verifier", "text");
        attempt.AddColumn("invitation_id", "uuid").NotNull();
        attempt.AddColumn("expires_at", "timestamptz").NotNull();
        attempt.Indexes.Add(new IndexDefinition("authorization_attempt_expires_at") { Columns = ["expires_at"] });

        // Verified notices of platforms: answered at once, applied afterwards, each once.
        var notice = new Table($"{Schema}.platform_notice");
        notice.AddColumn("platform", "text").NotNull().AsPrimaryKey();
        notice.AddColumn("fingerprint", "text").NotNull().AsPrimaryKey();
        notice.AddColumn("account_key", "text").NotNull();
        notice.AddColumn("reason", "text").NotNull();
        notice.AddColumn("code", "text").NotNull();
        notice.AddColumn("occurred_at", "timestamptz").NotNull();
        notice.AddColumn("received_at", "timestamptz").NotNull();
        notice.AddColumn("trace_parent", "text");
        notice.AddColumn("leased_until", "timestamptz");
        notice.AddColumn("applied_at", "timestamptz");
        notice.Indexes.Add(new IndexDefinition("platform_notice_open") { Columns = ["received_at"], Predicate = "applied_at is null" });

        // By what a platform may name a token we hold. The names are keyed hashes.
        var lookup = new Table($"{Schema}.token_lookup");
        lookup.AddColumn("kind", "text").NotNull().AsPrimaryKey();
        lookup.AddColumn("value", "text").NotNull().AsPrimaryKey();
        lookup.AddColumn("tenant_id", "text").NotNull().AsPrimaryKey();
        lookup.AddColumn("connection_id", "uuid").NotNull().AsPrimaryKey();
        lookup.Indexes.Add(new IndexDefinition("token_lookup_connection") { Columns = ["tenant_id", "connection_id"] });

        // Which of a creator's keys seals now. An erasure ends one and begins the next, in the transaction of its events.
        var generation = new Table($"{Schema}.key_generation");
        generation.AddColumn("tenant_id", "text").NotNull().AsPrimaryKey();
        generation.AddColumn("creator_id", "uuid").NotNull().AsPrimaryKey();
        generation.AddColumn("generation", "int").NotNull();

        // Keys of creators, up to a generation, that are still to be destroyed.
        var erasure = new Table($"{Schema}.erasure_due");
        erasure.AddColumn("tenant_id", "text").NotNull().AsPrimaryKey();
        erasure.AddColumn("creator_id", "uuid").NotNull().AsPrimaryKey();
        erasure.AddColumn("generation", "int").NotNull();
        erasure.AddColumn("due_at", "timestamptz").NotNull();
        erasure.AddColumn("leased_until", "timestamptz");

        store.Table(keys).Table(attempt).Table(notice).Table(lookup).Table(generation).Table(erasure);
        UpkeepTable.AddTo(store);
        PlatformTables.AddTo(store);
        PullTable.AddTo(store);
        SeriesTables.AddTo(store);
        CallBudget.AddTo(store);
    }

    /// <summary>Does another connection than this one have the account already?</summary>
    public static async Task<bool> IsTaken(NpgsqlDataSource source, string organization, string platform, string account, Guid self, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"select exists (select 1 from {Schema}.account_key where platform = $1 and key = $2 and tenant_id = $3 and connection_id <> $4)");
        command.With(platform, account, organization, self);
        return (bool)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>The keys of a connection that has just been granted.</summary>
    public static void Granted(IDocumentOperations operations, string organization, Guid connection, string platform, IReadOnlyList<string> accountKeys)
    {
        operations.QueueSqlCommand($"delete from {Schema}.account_key where tenant_id = ? and connection_id = ?", organization, connection);
        operations.QueueSqlCommand(
            $"insert into {Schema}.account_key (platform, key, tenant_id, connection_id) select ?, key, ?, ? from unnest(?) as key",
            platform,
            organization,
            connection,
            accountKeys.ToArray());
    }

    /// <summary>The connection is dead for good: nothing waits for its clock any more, and its tokens go. Its account keys stay: the platform may still speak of it.</summary>
    public static void NoUpkeep(IDocumentOperations operations, string organization, Guid connection)
    {
        operations.QueueSqlCommand($"delete from {UpkeepTable.Name} where tenant_id = ? and connection_id = ?", organization, connection);
        operations.QueueSqlCommand($"delete from {Schema}.token_lookup where tenant_id = ? and connection_id = ?", organization, connection);
    }

    /// <summary>Did a save fail because an erasure came between sealing and saving?</summary>
    public static bool IsSealedTooEarly(Exception? exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.NotNullViolation, TableName: "key_generation" } => true,
        AggregateException aggregate => aggregate.InnerExceptions.Any(IsSealedTooEarly),
        null => false,
        _ => IsSealedTooEarly(exception.InnerException),
    };

    /// <summary>
    /// The creator asked for the data of these connections to be gone: account keys, tokens, lookups, profiles and every number go now, and the creator's key is
    /// given up, to be destroyed by <see cref="Vault.Erasures"/>. Their other connections' tokens are sealed under the next key before that.
    /// </summary>
    public static void Forget(IDocumentOperations operations, string organization, Guid creator, DateTimeOffset now, params IReadOnlyList<Guid> connections)
    {
        foreach (var connection in connections)
        {
            NoUpkeep(operations, organization, connection);
            operations.QueueSqlCommand($"delete from {Schema}.account_key where tenant_id = ? and connection_id = ?", organization, connection);
            operations.Delete<ConnectedAccount>(connection);
            foreach (var table in (string[])[PullTable.Name, .. SeriesTables.Names])
            {
                operations.QueueSqlCommand($"delete from {table} where tenant_id = ? and connection_id = ?", organization, connection);
            }
        }

        operations.QueueSqlCommand(
            $"""
            with ended as (
                insert into {Schema}.key_generation as g (tenant_id, creator_id, generation) values (?, ?, 1)
                on conflict (tenant_id, creator_id) do update set generation = g.generation + 1
                returning tenant_id, creator_id, generation - 1 as generation)
            insert into {Schema}.erasure_due (tenant_id, creator_id, generation, due_at) select tenant_id, creator_id, generation, ? from ended
            on conflict (tenant_id, creator_id) do update set generation = excluded.generation, leased_until = null
            """,
            organization,
            creator,
            now);
    }
}

/// <summary>What people recognize a connected account by. Personal data: a document that an erasure reaches, never an event.</summary>
public sealed record ConnectedAccount(Guid Id, string AccountId, string? Handle, string? Name, string? PictureUrl);
