using Connections.Insights;
using Connections.Platforms;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults;

namespace Connections.Features;

/// <summary>How the insights of a connection stand: the state, how fresh they are, and what there is.</summary>
public static class ShowInsights
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/connections/{id:guid}/insights", Handle)
        .WithName(nameof(ShowInsights)).WithTags("Insights").RequireScope("connections.read")
        .WithSummary("The state of a connection's insights").WithDescription("State, freshness, and which metrics and content were pulled.")
        .Refuses(404, "connection.unknown");

    private static async Task<Results<Ok<InsightsReport>, ProblemHttpResult>> Handle(
        Guid id, StreamSession session, PlatformList platforms, NpgsqlDataSource source, InsightsOptions options, TimeProvider clock, CancellationToken ct)
    {
        if (await session.Load<Connection>(id, ct) is not { } connection || platforms.Find(connection.Platform) is not { } platform)
        {
            return Unknown();
        }

        var owner = new Owner(session.Organization, id);
        var row = (await source.Read(PullTable.Read(session.Organization, id), reader => PullTable.RowOf(reader).Row, ct)).FirstOrDefault();
        return TypedResults.Ok(new InsightsReport(
            id,
            connection.Platform,
            InsightsView.Of(row, platform.Options.Name, options, clock.GetUtcNow()),
            row is null ? new(0, 0, 0) : new(row.Last.AccountMetrics, row.Last.ContentItems, row.Last.ContentMetrics),
            await source.Read(SeriesTables.Metrics(owner), reader => new MetricSpan(reader.GetString(0), reader.GetFieldValue<DateOnly>(1), reader.GetFieldValue<DateOnly>(2)), ct),
            await source.Read(SeriesTables.Kinds(owner), reader => new ContentCount(reader.GetString(0), reader.GetInt64(1), reader.GetFieldValue<DateTimeOffset>(2)), ct)));
    }

    internal static ProblemHttpResult Unknown() => Problems.Of(StatusCodes.Status404NotFound, "connection.unknown", "There is no such connection in this organization.");
}

/// <summary>How the insights of a connection stand.</summary>
/// <param name="ConnectionId">The connection.</param>
/// <param name="Platform">Its platform.</param>
/// <param name="State">State and freshness.</param>
/// <param name="LastPull">How much the last pull brought.</param>
/// <param name="Metrics">The account's metrics, and from when to when there are numbers.</param>
/// <param name="Content">How much content is known, by kind.</param>
public sealed record InsightsReport(Guid ConnectionId, string Platform, InsightsView State, PullCounts LastPull, IReadOnlyList<MetricSpan> Metrics, IReadOnlyList<ContentCount> Content);

/// <summary>How much a pull brought.</summary>
public sealed record PullCounts(long AccountMetrics, long ContentItems, long ContentMetrics);

/// <summary>A metric, and from which day to which there are numbers.</summary>
public sealed record MetricSpan(string Metric, DateOnly From, DateOnly To);

/// <summary>How many pieces of one kind are known, and when the newest was published (UTC).</summary>
public sealed record ContentCount(string Kind, long Items, DateTimeOffset NewestAt);
