using System.Globalization;
using System.Runtime.InteropServices;
using Npgsql;

namespace LocalServers;

/// <summary>Data that is in the folder already is used again. Not durable gives up every promise for the case of a power cut, for tests.</summary>
public sealed record PostgresOptions(string Folder, int Port, string Password, bool Durable);

/// <summary>A private PostgreSQL from the machine's own binaries, on loopback only.</summary>
public sealed class PostgresServer : IRunning
{
    private readonly ChildProcess _process;
    private readonly bool _durable;

    private PostgresServer(ChildProcess process, PostgresOptions options)
    {
        _process = process;
        _durable = options.Durable;
        ConnectionString = Connection(options);
    }

    /// <summary>The superuser's connection, to the database postgres.</summary>
    public string ConnectionString { get; }

    public Task<int> Exit => _process.Exit;

    public int ProcessId => _process.ProcessId;

    /// <summary>The folder of the newest installed version, or null.</summary>
    public static string? Binaries => Versions().FirstOrDefault();

    public static async Task<PostgresServer> Start(PostgresOptions options, Action<string>? output = null, CancellationToken cancellation = default)
    {
        var data = Path.Combine(options.Folder, "data");
        var binaries = BinariesFor(data);
        var journal = new Journal(output);
        if (!File.Exists(Path.Combine(data, "PG_VERSION")))
        {
            await Initialize(options, data, binaries);
        }

        ChildCommand command = AsOwner(
            Path.Combine(binaries, "postgres"), "-D", data, "-p", options.Port.ToString(CultureInfo.InvariantCulture),
            // No Unix socket: the system limits its path to 107 characters, less than the path of many a checkout.
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=300", "-c", "shared_buffers=256MB",
            // Statements here are short; compiling them costs more than it saves.
            "-c", "jit=off",
            "-c", $"fsync={OnOff(options.Durable)}", "-c", $"full_page_writes={OnOff(options.Durable)}", "-c", $"synchronous_commit={OnOff(options.Durable)}");
        var process = await ChildProcess.Start(command with { WorkingDirectory = data }, journal.Write);
        var server = new PostgresServer(process, options);
        try
        {
            await Until.Ready("PostgreSQL", process, journal, () => CanConnect(server.ConnectionString), TimeSpan.FromSeconds(30), cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a standby of a server that runs: a copy of its data, kept up to date by its log, that refuses to write until it is promoted.</summary>
    public static async Task<PostgresServer> StartStandby(PostgresOptions of, PostgresOptions options)
    {
        var data = Path.Combine(options.Folder, "data");
        Directory.CreateDirectory(options.Folder);
        if (Environment.IsPrivilegedProcess)
        {
            await ChildProcess.Run(new("chown", "-R", "postgres:", options.Folder));
        }

        var copy = AsOwner(
            Path.Combine(BinariesFor(Path.Combine(of.Folder, "data")), "pg_basebackup"), "-h", "127.0.0.1", "-p", of.Port.ToString(CultureInfo.InvariantCulture), "-U", "postgres",
            "-D", data, "-X", "stream", "-c", "fast", "--write-recovery-conf", "--no-sync");
        await ChildProcess.Run(copy with { Environment = new Dictionary<string, string>(copy.Environment) { ["PGPASSWORD"] = of.Password } });
        return await Start(options);
    }

    public static async Task CreateDatabase(string superuser, string name, bool unlessExists = false)
    {
        await using var source = NpgsqlDataSource.Create(superuser);
        if (unlessExists)
        {
            await using var exists = source.CreateCommand("select 1 from pg_database where datname = $1");
            exists.Parameters.Add(new() { Value = name });
            if (await exists.ExecuteScalarAsync() is not null)
            {
                return;
            }
        }

        await using var create = source.CreateCommand($"create database \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
        await create.ExecuteNonQueryAsync();
    }

    /// <summary>The same server and user, another database.</summary>
    public static string WithDatabase(string connectionString, string database) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Database = database }.ConnectionString;

    /// <summary>Ends it without a checkpoint, as a power cut would; the next start replays the log.</summary>
    public Task Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        // SIGINT is PostgreSQL's fast shutdown: connections are cut, transactions rolled back, a checkpoint is written. SIGQUIT leaves out the checkpoint.
        await _process.Stop(TimeSpan.FromSeconds(20), _durable ? PosixSignal.SIGINT : PosixSignal.SIGQUIT);
        await _process.DisposeAsync();
    }

    private static async Task Initialize(PostgresOptions options, string data, string binaries)
    {
        Directory.CreateDirectory(data);
        var password = data + ".password";
        await File.WriteAllTextAsync(password, options.Password);
        if (Environment.IsPrivilegedProcess)
        {
            await ChildProcess.Run(new("chown", "-R", "postgres:", options.Folder));
        }

        try
        {
            await ChildProcess.Run(AsOwner(
                Path.Combine(binaries, "initdb"), "-D", data, "--username=postgres", $"--pwfile={password}", "--auth=scram-sha-256",
                "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"));
        }
        finally
        {
            File.Delete(password);
        }
    }

    // PostgreSQL refuses to run as root; Debian's package brings a user for it.
    private static ChildCommand AsOwner(string file, params string[] arguments) => new(file, arguments)
    {
        User = "postgres",
        OwnEnvironmentOnly = true,
        Environment = new Dictionary<string, string> { ["LC_ALL"] = "C.UTF-8" },
    };

    private static string BinariesFor(string data)
    {
        var marker = Path.Combine(data, "PG_VERSION");
        if (!File.Exists(marker))
        {
            return Binaries ?? throw new InvalidOperationException("PostgreSQL is not installed here. On Debian: apt-get install postgresql");
        }

        var version = File.ReadAllText(marker).Trim();
        return Versions().FirstOrDefault(folder => folder == $"/usr/lib/postgresql/{version}/bin")
            ?? throw new InvalidOperationException($"The data in {data} was written by PostgreSQL {version}, which is not installed (any more). Start over with --reset.");
    }

    private static IEnumerable<string> Versions() => !Directory.Exists("/usr/lib/postgresql")
        ? []
        : Directory.EnumerateDirectories("/usr/lib/postgresql")
            .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) ? version : 0)
            .Select(folder => $"{folder}/bin")
            .Where(folder => File.Exists($"{folder}/initdb"));

    private static string Connection(PostgresOptions options) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = options.Port,
        Username = "postgres",
        Password = options.Password,
        Database = "postgres",
    }.ConnectionString;

    /// <summary>False while nobody answers or the server is still starting; a wrong password is an error.</summary>
    public static async Task<bool> CanConnect(string connectionString)
    {
        try
        {
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException exception) when (exception is not PostgresException { SqlState: PostgresErrorCodes.InvalidPassword })
        {
            return false;
        }
    }

    private static string OnOff(bool on) => on ? "on" : "off";
}
