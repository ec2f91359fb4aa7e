namespace WebConsole.Apis;

public sealed record PlatformStatus(
    string Platform, string Name, string State, DateTimeOffset? IncidentSince, DateTimeOffset? PausedAt, string? PausedBy, DateTimeOffset? QuietUntil, string? FaultOfOurs,
    DateTimeOffset? FaultOfOursAt, long Overdue, long Held);

public sealed record Incident(Guid Id, DateTimeOffset OpenedAt, long Good, long Failed, DateTimeOffset? ClosedAt, string? ClosedBy);

public sealed record RefreshQueue(string Platform, long Connections, long Due, long UnderWay, long NextHour, long NextDay, long Failing, long Held, DateTimeOffset? OldestDueAt);

public sealed partial class ConnectionsApi
{
    public async Task<IReadOnlyList<RefreshQueue>> RefreshQueue(CancellationToken ct) => (await Get<Page<RefreshQueue>>("/v1/operations/refresh-queue", ct)).Items;

    public Task RefreshPlatform(string platform, CancellationToken ct) => Do(HttpMethod.Post, $"/v1/platforms/{Uri.EscapeDataString(platform)}/refresh", null, ct);

    public async Task<IReadOnlyList<PlatformStatus>> Platforms(CancellationToken ct) => (await Get<Page<PlatformStatus>>("/v1/platforms", ct)).Items;

    public async Task<IReadOnlyList<Incident>> Incidents(string platform, CancellationToken ct) =>
        (await Get<Page<Incident>>($"/v1/platforms/{Uri.EscapeDataString(platform)}/incidents", ct)).Items;

    public Task Pause(string platform, CancellationToken ct) => Do(HttpMethod.Post, $"/v1/platforms/{Uri.EscapeDataString(platform)}/pause", null, ct);

    public Task Resume(string platform, CancellationToken ct) => Do(HttpMethod.Post, $"/v1/platforms/{Uri.EscapeDataString(platform)}/resume", null, ct);
}
