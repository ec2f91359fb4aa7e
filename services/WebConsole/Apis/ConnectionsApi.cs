using WebConsole.SignIn;

namespace WebConsole.Apis;

public sealed record Connection(
    Guid? ConnectionId, string Platform, string Type, string Status, string? Reason, string? Confidence, DateTimeOffset? Since,
    IReadOnlyList<string>? Scopes, Account? Account, DateTimeOffset? ExpiresAt, string? NextAction, InsightsState? Insights = null);

public sealed record Account(string Id, string? Handle, string? Name, string? PictureUrl);

public sealed record InsightsState(string State, DateTimeOffset? LastOkAt, DateOnly? Through, DateTimeOffset? NextAt, string? Words);

public sealed record HistoryEntry(DateTimeOffset At, string Event, string? Status, string? Reason, string? Source, string? Code, string? By);

/// <summary>What data and content a platform yields for a creator, and why the rest is missing.</summary>
public sealed record Availability(Guid ConnectionId, string Platform, string Status, DateTimeOffset? AsOf, IReadOnlyList<DataType> Types);

public sealed record DataType(string Key, string Kind, string Name, IReadOnlyList<string> Metrics, bool IsAvailable, string? Reason, string? Words);

public sealed record Insights(Guid ConnectionId, InsightsState State, IReadOnlyList<MetricSpan> Metrics, IReadOnlyList<ContentCount> Content);

public sealed record MetricSpan(string Metric, DateOnly From, DateOnly To);

public sealed record ContentCount(string Kind, long Items, DateTimeOffset NewestAt);

public sealed record MetricSeries(string Metric, DateOnly From, DateOnly To, IReadOnlyList<MetricPoint> Points);

public sealed record MetricPoint(DateOnly Day, string? Breakdown, double Value);

public sealed record Marketplace(Guid CreatorId, string? Status, string Colour, DateTimeOffset? Since, IReadOnlyList<string> Reasons, string? NextAction, DateTimeOffset? LastCheckedAt);

/// <summary>One creator's connections in full.</summary>
public sealed partial class ConnectionsApi(HttpClient http, Caller caller) : ApiClient(http, caller, "connections")
{
    public async Task<IReadOnlyList<Connection>> OfCreator(Guid creator, CancellationToken ct) =>
        (await Get<Page<Connection>>($"/v1/creators/{creator}/connections", ct)).Items;

    public async Task<IReadOnlyList<HistoryEntry>> History(Guid connection, CancellationToken ct) =>
        (await Get<Page<HistoryEntry>>($"/v1/connections/{connection}/history", ct)).Items;

    public async Task<IReadOnlyList<Availability>> AvailabilityOf(Guid creator, CancellationToken ct) =>
        (await Get<Page<Availability>>($"/v1/creators/{creator}/availability", ct)).Items;

    public Task<Insights> Insights(Guid connection, CancellationToken ct) => Get<Insights>($"/v1/connections/{connection}/insights", ct);

    public Task<MetricSeries> Series(Guid connection, string metric, DateOnly from, DateOnly to, CancellationToken ct) =>
        Get<MetricSeries>($"/v1/connections/{connection}/insights/series?metric={Uri.EscapeDataString(metric)}&from={from:yyyy-MM-dd}&to={to:yyyy-MM-dd}", ct);

    /// <summary>Standing in TikTok's creator marketplace; null where this installation has no account there.</summary>
    public async Task<Marketplace?> MarketplaceOf(Guid creator, CancellationToken ct)
    {
        try
        {
            return await Get<Marketplace>($"/v1/creators/{creator}/marketplace", ct);
        }
        catch (ApiProblem problem) when (problem.Code is "marketplace.not-configured")
        {
            return null;
        }
    }

    /// <summary>Refreshes and probes it at the next look.</summary>
    public Task Check(Guid connection, CancellationToken ct) => Do(HttpMethod.Post, $"/v1/connections/{connection}/refresh", null, ct);
}
