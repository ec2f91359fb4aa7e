using System.Globalization;
using System.Text;
using Connections.Insights;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Npgsql;
using ServiceDefaults;

namespace Connections.Features;

/// <summary>What the creator published, newest first, each piece with its newest numbers. Paged by place, so that new pieces shift nothing.</summary>
public static class InsightsContent
{
    private const int MostItems = 100;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/connections/{id:guid}/insights/content", Handle)
        .WithName(nameof(InsightsContent)).WithTags("Insights").RequireScope("connections.read")
        .WithSummary("A connection's content")
        .WithDescription("limit from 1 to 100, 25 if not given; cursor as the page before named it.")
        .Refuses(404, "connection.unknown").Refuses(422, "cursor.invalid", "limit.invalid");

    private static async Task<Results<Ok<ContentPage>, ProblemHttpResult>> Handle(Guid id, string? cursor, int? limit, StreamSession session, NpgsqlDataSource source, CancellationToken ct)
    {
        if (await session.Load<Connection>(id, ct) is null)
        {
            return ShowInsights.Unknown();
        }

        if (limit is < 1 or > MostItems)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, "limit.invalid", $"limit must be from 1 to {MostItems}.", "limit");
        }

        if (PlaceOf(cursor) is not { } place)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, "cursor.invalid", "The cursor is not one that a page named. Begin again without it.", "cursor");
        }

        var size = limit ?? 25;
        var items = await source.Read(SeriesTables.Content(new(session.Organization, id), place.Before, place.Id, size + 1), ItemOf, ct);
        var page = items.Take(size).ToList();
        return TypedResults.Ok(new ContentPage(page, items.Count > size ? CursorAfter(page[^1]) : null));
    }

    internal static ContentView ItemOf(NpgsqlDataReader reader) => new(
        reader.GetString(0),
        reader.GetString(1),
        reader.IsDBNull(2) ? null : reader.GetString(2),
        reader.GetFieldValue<DateTimeOffset>(3),
        reader.GetFieldValue<DateTimeOffset>(4),
        reader.IsDBNull(5) ? new Dictionary<string, double>() : reader.GetFieldValue<string[]>(5).Zip(reader.GetFieldValue<double[]>(6)).ToDictionary(pair => pair.First, pair => pair.Second));

    private static string CursorAfter(ContentView last) =>
        WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes($"{last.PublishedAt.UtcTicks.ToString(CultureInfo.InvariantCulture)} {last.Id}"));

    private static (DateTimeOffset Before, string Id)? PlaceOf(string? cursor)
    {
        if (cursor is null)
        {
            return (new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero), "");
        }

        try
        {
            return Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(cursor)).Split(' ', 2) is [var ticks, { Length: > 0 } id]
                && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTimeOffset.MaxValue.UtcTicks && !id.Contains('\0')
                    ? (new(at, TimeSpan.Zero), id)
                    : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}

/// <summary>A page of content.</summary>
/// <param name="Items">Newest first.</param>
/// <param name="Next">Names the next page; null on the last.</param>
public sealed record ContentPage(IReadOnlyList<ContentView> Items, string? Next);

/// <summary>A post, reel, story or video.</summary>
/// <param name="Id">The platform's.</param>
/// <param name="Kind">feed, reels, stories or videos: the key of its data type.</param>
/// <param name="Permalink">Where it is to be seen; null once it is gone.</param>
/// <param name="PublishedAt">When it was published (UTC).</param>
/// <param name="FetchedAt">When the platform was last asked for it (UTC).</param>
/// <param name="Metrics">The newest number of each metric, counted over its life.</param>
public sealed record ContentView(string Id, string Kind, string? Permalink, DateTimeOffset PublishedAt, DateTimeOffset FetchedAt, IReadOnlyDictionary<string, double> Metrics);
