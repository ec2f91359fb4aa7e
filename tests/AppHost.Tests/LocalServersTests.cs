using System.Diagnostics;
using LocalServers;
using Npgsql;
using Testing;

namespace AppHost.Tests;

/// <summary>The machine's own servers; skipped where it has none.</summary>
public sealed class LocalServersTests
{
    [Fact]
    public async Task PostgreSQL_keeps_its_data_from_one_start_to_the_next_even_after_a_kill()
    {
        Assert.SkipWhen(PostgresServer.Binaries is null, "PostgreSQL is not installed");
        using var folder = new ScratchFolder();
        var options = new PostgresOptions(Path.Combine(folder.Path, "postgres"), Ports.Free(1)[0], "secret", Durable: true);
        var cancellation = TestContext.Current.CancellationToken;

        await using (var first = await PostgresServer.Start(options, cancellation: cancellation))
        {
            await PostgresServer.CreateDatabase(first.ConnectionString, "kept");
            await PostgresServer.CreateDatabase(first.ConnectionString, "kept", unlessExists: true);
            await first.Kill();
        }

        await using var second = await PostgresServer.Start(options, cancellation: cancellation);
        await using var connection = new NpgsqlConnection(PostgresServer.WithDatabase(second.ConnectionString, "kept"));
        await connection.OpenAsync(cancellation);
        connection.Database.ShouldBe("kept");
    }

    [Fact]
    public async Task A_wrong_password_is_refused()
    {
        Assert.SkipWhen(PostgresServer.Binaries is null, "PostgreSQL is not installed");
        using var folder = new ScratchFolder();
        await using var server = await ScratchServers.Postgres(folder);
        var wrong = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Password = "wrong" }.ConnectionString;
        var refusal = await Should.ThrowAsync<PostgresException>(() => PostgresServer.CanConnect(wrong));
        refusal.SqlState.ShouldBe(PostgresErrorCodes.InvalidPassword);
    }

    [Fact]
    public async Task A_broker_answers_again_at_the_same_address_with_the_same_virtual_hosts_after_a_kill()
    {
        Assert.SkipWhen(RabbitMqServer.Script is null, "RabbitMQ is not installed");
        await using var broker = await PrivateBroker.Launch();
        await RabbitMqServer.CreateVirtualHost(broker.Management, "kept");

        await broker.Kill();
        (await RabbitMqServer.Answers(broker.Uri, broker.Management)).ShouldBeFalse();

        await broker.Start();
        (await VirtualHosts(broker.Management)).ShouldContain("\"kept\"");
    }

    [Fact]
    public async Task A_child_process_dies_with_the_process_that_started_it()
    {
        // A shell stands in for a killed test process: the kernel's promise is the same for whoever asked for it.
        var line = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var parent = await ChildProcess.Start(
            new("sh", "-c", "setpriv --pdeathsig TERM -- sh -c 'echo $$; exec sleep 600' & wait"), text => line.TrySetResult(text));
        var grandchild = int.Parse(await line.Task, System.Globalization.CultureInfo.InvariantCulture);
        using (var process = Process.GetProcessById(parent.ProcessId))
        {
            process.Kill(entireProcessTree: false);
        }

        await parent.Exit;
        SpinWait.SpinUntil(() => !IsAlive(grandchild), TimeSpan.FromSeconds(10)).ShouldBeTrue();
    }

    // A dead process that nobody has asked about yet is still listed, as a zombie.
    private static bool IsAlive(int process) => File.Exists($"/proc/{process}/stat") && !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);

    private static async Task<string> VirtualHosts(Uri management)
    {
        using var http = new HttpClient();
        var user = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(management.UserInfo));
        http.DefaultRequestHeaders.Authorization = new("Basic", user);
        return await http.GetStringAsync(new UriBuilder(management) { UserName = "", Password = "", Path = "api/vhosts" }.Uri, TestContext.Current.CancellationToken);
    }
}
