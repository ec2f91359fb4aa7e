using System.Globalization;
using Connections.Insights;
using Connections.Platforms;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults;

namespace Connections.Features;

/// <summary>One metric day by day: of the account, or of one piece of its content.</summary>
public static class InsightsSeries
{
    private const int LongestSpan = 1100;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/connections/{id:guid}/insights/series", Handle)
        .WithName(nameof(InsightsSeries)).WithTags("Insights").RequireScope("connections.read")
        .WithSummary("A metric as a time series")
        .WithDescription("metric in the platform's spelling; from and to as yyyy-MM-dd, both included; content for the lifetime numbers of one piece as they stood each day.")
        .Refuses(400, "date.malformed").Refuses(404, "connection.unknown", "content.unknown")
        .Refuses(422, "metric.missing", "metric.unknown", "range.backwards", "range.too-long");

    private static async Task<Results<Ok<MetricSeries>, ProblemHttpResult>> Handle(
        Guid id, string? metric, string? from, string? to, string? content, StreamSession session, PlatformList platforms, NpgsqlDataSource source, TimeProvider clock, CancellationToken ct)
    {
        if (await session.Load<Connection>(id, ct) is not { } connection || platforms.InsightsOf(connection.Platform) is not { } insights)
        {
            return ShowInsights.Unknown();
        }

        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        if (DayOf(to, today) is not { } last || DayOf(from, last.AddDays(-29)) is not { } first)
        {
            return Problems.Of(StatusCodes.Status400BadRequest, "date.malformed", "from and to are days, written like 2026-03-31.", DayOf(to, today) is null ? "to" : "from");
        }

        var kind = content is null ? DataType.Data : DataType.Content;
        if (WhatIsWrong(metric, [.. insights.DataTypes.Where(type => type.Kind == kind).SelectMany(insights.Options.Insights.MetricsOf).Distinct()], first, last) is { } problem)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, problem.Code, problem.Detail, problem.Field);
        }

        var owner = new Owner(session.Organization, id);
        if (content is not null && (await source.Read(SeriesTables.HasContent(owner, content), _ => true, ct)).Count == 0)
        {
            return Problems.Of(StatusCodes.Status404NotFound, "content.unknown", "There is no such content of this connection.");
        }

        var points = await source.Read(
            content is null ? SeriesTables.Series(owner, metric!, first, last) : SeriesTables.Series(owner, content, metric!, first, last),
            PointOf,
            ct);
        return TypedResults.Ok(new MetricSeries(metric!, content, first, last, points));
    }

    private static (string Field, string Code, string Detail)? WhatIsWrong(string? metric, string[] known, DateOnly from, DateOnly to) => metric switch
    {
        null or "" => ("metric", "metric.missing", $"Name a metric: {string.Join(", ", known)}."),
        _ when !known.Contains(metric) => ("metric", "metric.unknown", $"There is no such metric here. There are {string.Join(", ", known)}."),
        _ when from > to => ("from", "range.backwards", "from must not be after to."),
        _ when to.DayNumber - from.DayNumber >= LongestSpan => ("from", "range.too-long", $"Ask for {LongestSpan} days at most."),
        _ => null,
    };

    internal static MetricPoint PointOf(NpgsqlDataReader reader) => new(
        reader.GetFieldValue<DateOnly>(0), reader.GetString(1) is { Length: > 0 } breakdown ? breakdown : null, reader.GetDouble(2), reader.GetFieldValue<DateTimeOffset>(3));

    private static DateOnly? DayOf(string? text, DateOnly usual) => text is null ? usual
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}

/// <summary>A metric as a time series. A day without a number is not in it: there is none, which is not zero.</summary>
/// <param name="Metric">In the platform's spelling.</param>
/// <param name="ContentId">The piece of content; null for the account.</param>
/// <param name="From">First day.</param>
/// <param name="To">Last day.</param>
/// <param name="Points">By day, then breakdown.</param>
public sealed record MetricSeries(string Metric, string? ContentId, DateOnly From, DateOnly To, IReadOnlyList<MetricPoint> Points);

/// <summary>One number.</summary>
/// <param name="Day">In the platform's calendar.</param>
/// <param name="Breakdown"><c>key=value</c>, several joined by commas; null for the whole.</param>
/// <param name="Value">The number.</param>
/// <param name="FetchedAt">When the platform was last asked for it (UTC).</param>
public sealed record MetricPoint(DateOnly Day, string? Breakdown, double Value, DateTimeOffset FetchedAt);
