using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>How a campaign's connections stood at the end of each of the last days (UTC), today's last.</summary>
public static class ViewTrend
{
    private const int MostDays = 366;
    private const int DefaultDays = 30;

    public sealed record Day(DateOnly Date, long Creators, double Coverage, IReadOnlyList<StatusCounts> ConnectionTypes);

    public sealed record Response(IReadOnlyList<Day> Days);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/campaigns/{id:guid}/trend", Handle)
        .WithName(nameof(ViewTrend)).WithTags("Campaigns").WithSummary("A campaign's connections day by day").RequireScope("campaigns.read")
            .WithDescription("What each of the last days (UTC) ended with, today being the last: creators, coverage, and per connection type how many are in which status.")
            .Refuses(404, "campaign.unknown")
            .Refuses(422, "days.invalid");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(Guid id, StreamSession session, TimeProvider clock, CancellationToken ct, int? days = null) =>
        await ShownCampaign.Find(session, id, ct) is { Shown: var shown }
            ? await Show(id, days, shown, session, clock.GetUtcNow(), ct)
            : Problems.Of(CampaignViews.Unknown);

    internal static async Task<Results<Ok<Response>, ProblemHttpResult>> Show(
        Guid roster, int? days, IReadOnlyList<string> shown, StreamSession session, DateTimeOffset now, CancellationToken ct)
    {
        if (days is < 1 or > MostDays)
        {
            return Problems.Of(new Decision.Refused(RefusalKind.InvalidValue, "days.invalid", $"Ask for 1 to {MostDays} days.", "days"));
        }

        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var first = today.AddDays(1 - (days ?? DefaultDays));
        await using var command = new NpgsqlCommand(Sql) { Parameters = { new("organization", session.Organization), new("campaign", roster), new("first", first) } };
        await using var reader = await session.Query.ExecuteReaderAsync(command, ct);
        var counts = new Dictionary<Standing, long>();
        while (await reader.ReadAsync(ct))
        {
            Add(new(reader.GetInt16(0)), reader.GetInt64(1));
        }

        var changes = new List<(DateOnly Day, Standing Standing, long Change)>();
        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            changes.Add((reader.GetFieldValue<DateOnly>(0), new(reader.GetInt16(1)), reader.GetInt64(2)));
        }

        // From today backwards: what a day changed is taken out to come to the evening before.
        var shownDays = new List<Day>();
        var perDay = changes.ToLookup(change => change.Day);
        for (var day = today; day >= first; day = day.AddDays(-1))
        {
            var figures = Figures.Of(new(counts), shown);
            shownDays.Add(new(day, figures.Creators, figures.Coverage, figures.Types));
            foreach (var (_, standing, change) in perDay[day])
            {
                Add(standing, -change);
            }
        }

        shownDays.Reverse();
        return TypedResults.Ok(new Response(shownDays));

        void Add(Standing standing, long change) => counts[standing] = counts.GetValueOrDefault(standing) + change;
    }

    // What became of messages is no part of the trend.
    private static readonly string Sql = $"""
        select (standing & {Standing.ConnectionBits})::smallint, sum(creators)::bigint from campaign.standing_count where tenant_id = @organization and campaign_id = @campaign group by 1;
        select day, standing, change from campaign.standing_day where tenant_id = @organization and campaign_id = @campaign and day >= @first
        """;
}
