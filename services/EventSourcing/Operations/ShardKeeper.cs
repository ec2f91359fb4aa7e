using JasperFx;
using JasperFx.Events.Daemon;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventSourcing.Operations;

/// <summary>
/// On each replica: notes how the shards are that run here, and starts those anew that an operator asked for. Only the replica that leads a shard
/// can do either, and a request reaches any of them, so it leaves word in the database and the leader looks there.
/// </summary>
internal sealed partial class ShardKeeper(IProjectionCoordinator coordinator, Shards shards, DaemonHealth health, TimeProvider clock, ILogger<ShardKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan NoteEvery = TimeSpan.FromSeconds(5);

    // A machine and a process; the rest tells replicas apart that run in containers, where both are often the same.
    private readonly string node = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid().ToString("N")[..4]}";
    private readonly Dictionary<string, (string State, DateTimeOffset? Failed)> noted = [];
    private DateTimeOffset notedAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The machine's clock: these looks must go on whatever a test does to the other one.
        using var timer = new PeriodicTimer(LookEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await Look(stoppingToken);
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    NotNow(exception is NpgsqlException ? null : exception, exception.GetType().Name);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task Look(CancellationToken ct)
    {
        var daemon = coordinator.DaemonForMainDatabase();
        var agents = daemon.CurrentAgents();
        if (agents.Count == 0)
        {
            return;
        }

        var isTime = clock.GetUtcNow() - notedAt > NoteEvery;
        foreach (var agent in agents)
        {
            var (shard, state, failure) = (agent.Name.Identity, agent.Status.ToString(), agent.Failure);
            if (isTime || noted.GetValueOrDefault(shard) != (state, failure?.OccurredAt))
            {
                await shards.Note(shard, state, node, failure?.RootExceptionType, failure?.OccurredAt, ct);
                noted[shard] = (state, failure?.OccurredAt);
            }
        }

        if (isTime)
        {
            notedAt = clock.GetUtcNow();
            await health.Measure(ct);
        }

        foreach (var shard in await shards.Asked([.. agents.Select(agent => agent.Name.Identity)], ct))
        {
            await StartAnew(daemon, shard, ct);
            await shards.Redriven(shard, node, ct);
            Redriven(shard);
        }
    }

    private static async Task StartAnew(IProjectionDaemon daemon, string shard, CancellationToken ct)
    {
        if (daemon.StatusFor(shard) is AgentStatus.Paused)
        {
            daemon.EjectPausedShard(shard);
        }
        else
        {
            // It finishes its page or is cut short after a while; what it had not finished begins anew.
            await daemon.StopAgentAsync(shard);
        }

        await daemon.StartAgentAsync(shard, ct);
    }

    [LoggerMessage(LogLevel.Warning, "Looking after the shards failed and is tried again ({Fault}).")]
    private partial void NotNow(Exception? exception, string fault);

    [LoggerMessage(LogLevel.Warning, "{Shard} was started anew because an operator asked for it.")]
    private partial void Redriven(string shard);
}
