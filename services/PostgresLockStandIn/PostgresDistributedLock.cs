using System.Data.Common;
using Npgsql;

namespace Medallion.Threading.Postgres;

// The four types Weasel.Postgresql binds to, no more. Names and shapes are the original package's; the body is ours:
// a session-level pg_try_advisory_lock on a connection of its own, and a watcher that tells when that connection is lost.

/// <summary>The key of an advisory lock: one 64-bit number.</summary>
/// <param name="key">The number given to <c>pg_try_advisory_lock(bigint)</c>.</param>
public readonly struct PostgresAdvisoryLockKey(long key)
{
    internal long Value { get; } = key;
}

/// <summary>Options of the original. A session-level lock on a dedicated connection needs neither, so both are accepted and change nothing.</summary>
public sealed class PostgresConnectionOptionsBuilder
{
    /// <summary>Accepted for compatibility.</summary>
    public PostgresConnectionOptionsBuilder UseTransaction(bool useTransaction = true) => this;

    /// <summary>Accepted for compatibility.</summary>
    public PostgresConnectionOptionsBuilder UseMultiplexing(bool useMultiplexing = true) => this;
}

/// <summary>An advisory lock that one session of the whole database can hold.</summary>
public sealed class PostgresDistributedLock(PostgresAdvisoryLockKey key, DbDataSource source, Action<PostgresConnectionOptionsBuilder>? options = null)
{
    private readonly Action<PostgresConnectionOptionsBuilder>? options = options;

    /// <summary>Tries to take the lock until the timeout; null when another session holds it.</summary>
    /// <param name="timeout">How long to try; zero tries once.</param>
    /// <param name="cancellationToken">Gives up early.</param>
    public async ValueTask<PostgresDistributedLockHandle?> TryAcquireAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default)
    {
        options?.Invoke(new PostgresConnectionOptionsBuilder());
        var connection = (NpgsqlConnection)await source.OpenConnectionAsync(cancellationToken);
        try
        {
            var deadline = DateTime.UtcNow + timeout;
            do
            {
                await using var command = new NpgsqlCommand("select pg_try_advisory_lock($1)", connection) { Parameters = { new() { Value = key.Value } } };
                if ((bool)(await command.ExecuteScalarAsync(cancellationToken))!)
                {
                    return new PostgresDistributedLockHandle(connection, key.Value);
                }

                if (timeout > TimeSpan.Zero)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
                }
            }
            while (DateTime.UtcNow < deadline);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        await connection.DisposeAsync();
        return null;
    }
}

/// <summary>The held lock. Disposing releases it.</summary>
public sealed class PostgresDistributedLockHandle : IAsyncDisposable
{
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromMilliseconds(500);
    private readonly NpgsqlConnection connection;
    private readonly long key;
    private readonly CancellationTokenSource lost = new();
    private readonly CancellationTokenSource released = new();
    private readonly Task watcher;

    internal PostgresDistributedLockHandle(NpgsqlConnection connection, long key)
    {
        (this.connection, this.key) = (connection, key);
        HandleLostToken = lost.Token;
        watcher = Task.Run(Watch);
    }

    /// <summary>Cancelled when the connection that holds the lock died: somebody else may hold it now.</summary>
    public CancellationToken HandleLostToken { get; }

    /// <summary>Releases the lock.</summary>
    public async ValueTask DisposeAsync()
    {
        if (released.IsCancellationRequested)
        {
            return;
        }

        await released.CancelAsync();
        await watcher;
        try
        {
            await using var command = new NpgsqlCommand("select pg_advisory_unlock($1)", connection) { Parameters = { new() { Value = key } } };
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException or ObjectDisposedException)
        {
            // The session is gone, and the lock with it.
        }

        await connection.DisposeAsync();
        released.Dispose();
        lost.Dispose();
    }

    private async Task Watch()
    {
        try
        {
            using var timer = new PeriodicTimer(ProbeEvery);
            while (await timer.WaitForNextTickAsync(released.Token))
            {
                await using var probe = new NpgsqlCommand("select 1", connection) { CommandTimeout = 5 };
                await probe.ExecuteScalarAsync(CancellationToken.None);
            }
        }
        catch (OperationCanceledException)
        {
            // Released on purpose.
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException or ObjectDisposedException or TimeoutException)
        {
            await lost.CancelAsync();
        }
    }
}
