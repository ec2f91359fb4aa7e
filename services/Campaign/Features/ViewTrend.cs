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
        var sums = (await CampaignPulse.Read(reader, ct)).Sums;
        var changes = new Dictionary<DateOnly, long[]>();
        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            changes[reader.GetFieldValue<DateOnly>(0)] = reader.GetFieldValue<long[]>(1);
        }

        // From today backwards: what a day changed is taken out to come to the evening before.
        var shownDays = new List<Day>();
        for (var day = today; day >= first; day = day.AddDays(-1))
        {
            var figures = Figures.Of(sums, shown);
            shownDays.Add(new(day, figures.Creators, figures.Coverage, figures.Types));
            sums.Subtract(changes.GetValueOrDefault(day, []));
        }

        shownDays.Reverse();
        return TypedResults.Ok(new Response(shownDays));
    }

    private const string Sql = $"""
        {CampaignPulse.Sql};
        select day, changes from campaign.campaign_day where tenant_id = @organization and campaign_id = @campaign and day >= @first
        """;
}
