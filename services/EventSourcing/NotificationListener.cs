using Npgsql;

namespace EventSourcing;

/// <summary>Listens to a channel of PostgreSQL for as long as it may: whatever ends the connection, it opens another one.</summary>
public static class NotificationListener
{
    // A peer that vanished without a word is found out by asking.
    private static readonly TimeSpan AskAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    /// <summary>Ends, without a fault, when <paramref name="stopping"/> is cancelled.</summary>
    /// <param name="source">Where to listen; one connection is held.</param>
    /// <param name="channel">To what.</param>
    /// <param name="heard">Called for every notification; quick, and never throws.</param>
    /// <param name="connected">Called whenever it begins to listen: what was told meanwhile, nobody heard.</param>
    /// <param name="lost">Called with the name of the fault whenever a connection is lost.</param>
    /// <param name="stopping">Ends it.</param>
    public static Task Listen(
        NpgsqlDataSource source, string channel, Action<NpgsqlNotificationEventArgs> heard, Action connected, Action<string> lost, CancellationToken stopping) =>
        Forever(() => Once(source, channel, heard, connected, stopping), lost, stopping);

    /// <summary>Does work that holds a connection, again and again until it is told to stop.</summary>
    internal static async Task Forever(Func<Task> work, Action<string> lost, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await work();
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException or ObjectDisposedException or IOException or TimeoutException)
            {
                if (!stopping.IsCancellationRequested)
                {
                    lost(exception.GetType().Name);
                    await Task.Delay(Rest, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }
    }

    private static async Task Once(NpgsqlDataSource source, string channel, Action<NpgsqlNotificationEventArgs> heard, Action connected, CancellationToken stopping)
    {
        await using var connection = await source.OpenConnectionAsync(stopping);
        connection.Notification += (_, notification) => heard(notification);
        await Run($"listen {channel}");
        connected();
        while (true)
        {
            if (!await connection.WaitAsync(AskAfter, stopping))
            {
                await Run("select 1");
            }
        }

        async Task Run(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(stopping);
        }
    }
}
