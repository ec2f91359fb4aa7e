using WebConsole.SignIn;

namespace WebConsole.Apis;

public sealed record DeadLetter(
    Guid Id, string Queue, string Kind, string? MessageId, string? Contract, string? Organization, string? Subject, long? Sequence, DateTimeOffset FaultedAt, string? ExceptionType, string? Reason);

public sealed record DeadLetterQueue(string Queue, long Messages, DateTimeOffset? Oldest);

public sealed record DeadLetterPage(IReadOnlyList<DeadLetterQueue> Queues, IReadOnlyList<DeadLetter> Items, string? Next);

public sealed record Shard(
    string Name, long Position, long HighWaterMark, long LagEvents, double LagSeconds, string State, string? LastErrorType, DateTimeOffset? LastErrorAt, DateTimeOffset? RedriveAskedAt, DateTimeOffset? RedrivenAt);

public sealed record AuditEntry(Guid Id, DateTimeOffset At, string Command, string By, string? On, string? Reason, string State, long? Affected, DateTimeOffset? EndedAt);

public sealed record CommandOutcome(Guid Id, long Affected);

/// <summary>What was published once, said again to one queue.</summary>
public sealed record Replay(
    Guid Id, string Queue, string? Organization, IReadOnlyList<string> Types, string State, long Sent, long From, long Position, long Until, int PerSecond, string By, DateTimeOffset BeganAt, DateTimeOffset? EndedAt, string? ErrorType)
{
    public bool IsRunning => State is "Running";

    /// <summary>0 to 1.</summary>
    public double Share => State is "Done" || Until <= From ? 1 : Math.Clamp((double)(Position - From) / (Until - From), 0, 1);
}

/// <summary>What to say again, and to whom; null is all, or the usual.</summary>
public sealed record ReplayWish(string Queue, string? Organization, DateTimeOffset? Since, IReadOnlyList<string>? Types, int? PerSecond);

/// <summary>What every service has for those who run it, each at its own address.</summary>
public sealed class OperationsApis(IHttpClientFactory clients, Caller caller)
{
    public const string Client = "operations";

    /// <summary>Those that publish, and can say again what they did.</summary>
    public static IReadOnlyList<string> Publishers { get; } = ["campaign", "connections", "outreach"];

    public static IReadOnlyList<string> Services { get; } = [.. Publishers, "webhooks"];

    public OperationsApi For(string service) => new(clients.CreateClient(Client), caller, service);
}

/// <summary>One service's dead letters, relay, replays and audit.</summary>
public sealed class OperationsApi(HttpClient http, Caller caller, string service) : ApiClient(http, caller, service)
{
    private readonly string root = $"http://{service}/v1/operations";

    public Task<DeadLetterPage> DeadLetters(string? cursor, CancellationToken ct) => Get<DeadLetterPage>($"{root}/dead-letters?limit=50&cursor={cursor}", ct);

    public Task<CommandOutcome> Requeue(IReadOnlyCollection<Guid>? ids, string? queue, string key, CancellationToken ct) =>
        Post<CommandOutcome>($"{root}/dead-letters/requeue", new { ids, queue }, ct, key);

    public Task<CommandOutcome> Discard(IReadOnlyCollection<Guid>? ids, string? queue, string reason, string key, CancellationToken ct) =>
        Post<CommandOutcome>($"{root}/dead-letters/discard", new { ids, queue, reason }, ct, key);

    public async Task<IReadOnlyList<Shard>> Relay(CancellationToken ct) => [.. (await Get<Page<ShardOf>>($"{root}/relay", ct)).Items.Select(shard => shard.Known())];

    public Task Redrive(string shard, CancellationToken ct) => Do(HttpMethod.Post, $"{root}/relay/{Uri.EscapeDataString(shard)}/redrive", null, ct);

    public Task<Page<AuditEntry>> Audit(string? cursor, CancellationToken ct) => Get<Page<AuditEntry>>($"{root}/audit?limit=20&cursor={cursor}", ct);

    public async Task<IReadOnlyList<Replay>> Replays(CancellationToken ct) => (await Get<Page<Replay>>($"{root}/replays", ct)).Items;

    public Task<Replay> Replay(ReplayWish wish, string key, CancellationToken ct) => Post<Replay>($"{root}/replays", wish, ct, key);

    public Task Cancel(Guid replay, CancellationToken ct) => Do(HttpMethod.Post, $"{root}/replays/{replay}/cancel", null, ct);

    private sealed record ShardOf(
        string Shard, long Position, long HighWaterMark, long LagEvents, double LagSeconds, string State, string? LastErrorType, DateTimeOffset? LastErrorAt, DateTimeOffset? RedriveAskedAt, DateTimeOffset? RedrivenAt)
    {
        public Shard Known() => new(Shard, Position, HighWaterMark, LagEvents, LagSeconds, State, LastErrorType, LastErrorAt, RedriveAskedAt, RedrivenAt);
    }
}
