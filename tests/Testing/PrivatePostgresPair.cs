using LocalServers;
using Npgsql;

namespace Testing;

/// <summary>A PostgreSQL that tells nobody of a commit before its standby has it, and that standby. A test may kill the one and promote the other.</summary>
public sealed class PrivatePostgresPair : IAsyncDisposable
{
    private readonly PostgresServer primary;
    private readonly PostgresServer standby;

    private PrivatePostgresPair(PostgresServer primary, PostgresServer standby) => (this.primary, this.standby) = (primary, standby);

    public static async Task<PrivatePostgresPair> Launch()
    {
        var ports = Ports.Free(2);
        PostgresOptions one = new(Folder("primary"), ports[0], "postgres", Durable: true);
        PostgresOptions two = new(Folder("standby"), ports[1], "postgres", Durable: true);
        var primary = await PostgresServer.Start(one);
        var standby = await PostgresServer.StartStandby(one, two);

        // Not part of the copy, or the standby would wait for one of its own once it is promoted.
        await Run(primary, "alter system set synchronous_standby_names = '*'");
        await Run(primary, "select pg_reload_conf()");
        return new(primary, standby);
    }

    /// <summary>A new database, as a service is told of it: both hosts, whichever takes writes.</summary>
    public async Task<string> CreateDatabase(string name)
    {
        await PostgresServer.CreateDatabase(primary.ConnectionString, name);
        var (one, two) = (new NpgsqlConnectionStringBuilder(primary.ConnectionString), new NpgsqlConnectionStringBuilder(standby.ConnectionString));
        one.Host = $"{one.Host}:{one.Port},{two.Host}:{two.Port}";
        (one.Database, one.TargetSessionAttributes, one.HostRecheckSeconds) = (name, "primary", 1);
        return one.ConnectionString;
    }

    /// <summary>The primary loses its power; what its standby has, counts from now on.</summary>
    public async Task FailOver()
    {
        await primary.Kill();
        await Run(standby, "select pg_promote()");
    }

    public async ValueTask DisposeAsync()
    {
        await standby.DisposeAsync();
        await primary.DisposeAsync();
    }

    private static string Folder(string name) => Path.Combine(AtExit.Scratch.Path, $"{name}-{Guid.NewGuid():N}");

    private static async Task Run(PostgresServer server, string statement)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString);
        await using var command = source.CreateCommand(statement);
        await command.ExecuteNonQueryAsync();
    }
}
