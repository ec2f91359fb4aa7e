using System.Text.Json;
using Connections.Hub;
using Connections.Insights;
using Connections.Platforms;
using EventSourcing;
using Npgsql;

namespace Connections.Features;

/// <summary>A creator takes along what is kept of their accounts, as a file a machine can read (GDPR, Art. 15 and 20). Tokens are no data of theirs, and not in it.</summary>
public static class ExportMyData
{
    private const int AtOnce = 500;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/hub/data/export", Handle)
        .WithName(nameof(ExportMyData)).AllowAnonymous().RequireRateLimiting(HubRateLimit.Policy).ExcludeFromDescription();

    private static async Task<IResult> Handle(HttpContext http, StreamSession session, PlatformList platforms, NpgsqlDataSource source, TimeProvider clock, CancellationToken ct)
    {
        if (await HubSession.Of(http) is not { } visit)
        {
            return HubResponse.NoSession(http);
        }

        var connections = new List<ExportedConnection>();
        foreach (var options in platforms.All.Select(each => each.Options))
        {
            var id = Connection.IdOf(visit.Organization, visit.CreatorId, options.Key);
            var events = await session.Facts(id, ct);
            if (StreamFold<Connection>.Of(events) is { } connection)
            {
                connections.Add(await Export(connection, options, [.. ConnectionHistory.EntriesOf(events)], new(visit.Organization, id), session, source, clock, ct));
            }
        }

        HubResponse.Guard(http);
        http.Response.Headers.ContentDisposition = "attachment; filename=\"my-connections.json\"";
        return Results.Json(new Exported(clock.GetUtcNow(), visit.Organization, visit.CreatorId, connections), Json);
    }

    private static async Task<ExportedConnection> Export(
        Connection connection, PlatformOptions options, IReadOnlyList<HistoryEntry> history, Owner owner, StreamSession session, NpgsqlDataSource source, TimeProvider clock, CancellationToken ct)
    {
        var account = await session.Query.LoadAsync<ConnectedAccount>(owner.Connection, ct);
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var metrics = new Dictionary<string, IReadOnlyList<MetricPoint>>();
        foreach (var metric in await source.Read(SeriesTables.Metrics(owner), reader => reader.GetString(0), ct))
        {
            metrics[metric] = await source.Read(SeriesTables.Series(owner, metric, DateOnly.MinValue, today.AddDays(1)), InsightsSeries.PointOf, ct);
        }

        var content = new List<ContentView>();
        var (before, beforeId) = (new DateTimeOffset(9999, 1, 1, 0, 0, 0, TimeSpan.Zero), "");
        while (await source.Read(SeriesTables.Content(owner, before, beforeId, AtOnce), InsightsContent.ItemOf, ct) is { Count: > 0 } page)
        {
            content.AddRange(page);
            (before, beforeId) = (page[^1].PublishedAt, page[^1].Id);
        }

        return new(
            options.Key, connection.Standing.ToString(), connection.Reason, connection.Scopes, account is null ? null : new(account.AccountId, account.Handle, account.Name, account.PictureUrl),
            history, metrics, content);
    }

    private sealed record Exported(DateTimeOffset ExportedAt, string Organization, Guid CreatorId, IReadOnlyList<ExportedConnection> Connections);

    private sealed record ExportedConnection(
        string Platform, string Status, string? Reason, IReadOnlyList<string> Scopes, AccountView? Account, IReadOnlyList<HistoryEntry> History,
        IReadOnlyDictionary<string, IReadOnlyList<MetricPoint>> Metrics, IReadOnlyList<ContentView> Content);
}
