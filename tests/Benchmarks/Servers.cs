using System.Net;
using System.Net.Sockets;
using LocalServers;
using Npgsql;

namespace Benchmarks;

/// <summary>
/// A PostgreSQL and a RabbitMQ of this run's own, durable as in life: a benchmark without fsync would flatter everybody. PostgreSQL keeps
/// the time of each commit, which is what the latencies are taken from.
/// </summary>
internal sealed class Servers : IAsyncDisposable
{
    private readonly string folder;
    private readonly PostgresServer postgres;
    private readonly RabbitMqServer rabbit;

    private Servers(string folder, PostgresServer postgres, RabbitMqServer rabbit) => (this.folder, this.postgres, this.rabbit) = (folder, postgres, rabbit);

    public static async Task<Servers> Start()
    {
        var folder = Directory.CreateTempSubdirectory("cc-benchmark-").FullName;
        if (!OperatingSystem.IsWindows())
        {
            // The server runs as a user of its own, who must be able to come in.
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }

        var options = new PostgresOptions(Path.Combine(folder, "postgres"), FreePort(), "benchmark", Durable: true);
        await using (var first = await PostgresServer.Start(options))
        {
            await using var source = NpgsqlDataSource.Create(first.ConnectionString);
            await using var track = source.CreateCommand("alter system set track_commit_timestamp = on");
            await track.ExecuteNonQueryAsync();
        }

        var rabbit = await RabbitMqServer.Start(new(Path.Combine(folder, "rabbitmq"), "benchmark", "guest", "guest", FreePort(), FreePort(), FreePort(), FreePort(), Durable: true));
        return new(folder, await PostgresServer.Start(options), rabbit);
    }

    public async Task<string> Database(string name)
    {
        var unique = $"{name}_{Guid.NewGuid().ToString("N")[^8..]}";
        await PostgresServer.CreateDatabase(postgres.ConnectionString, unique);
        return PostgresServer.WithDatabase(postgres.ConnectionString, unique);
    }

    public async Task<Uri> VirtualHost()
    {
        var unique = $"benchmark-{Guid.NewGuid().ToString("N")[^8..]}";
        await RabbitMqServer.CreateVirtualHost(rabbit.Management, unique);
        return RabbitMqServer.WithVirtualHost(rabbit.Uri, unique);
    }

    /// <summary>The time that processors have worked for PostgreSQL's sessions on a database so far; those that are over are not counted.</summary>
    public static async Task<TimeSpan> Worked(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
        await using var reader = await command.ExecuteReaderAsync();
        var worked = TimeSpan.Zero;
        while (await reader.ReadAsync())
        {
            worked += ServiceProcess.Worked(reader.GetInt32(0));
        }

        return worked;
    }

    public async ValueTask DisposeAsync()
    {
        await rabbit.DisposeAsync();
        await postgres.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A port that nobody listens at now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
