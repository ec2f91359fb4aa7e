using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Campaigns.Features;

/// <summary>
/// The dashboard and the list of creators as of a moment that has been (<c>asOf</c>): every status as it was recorded here by then. Names, handles and columns are
/// today's; what is kept of now alone, reasons, insights and ends that are near, is left empty.
/// </summary>
public static class ViewPast
{
    private const int NamesShown = 5;

    /// <summary>A roster of before the campaign is empty.</summary>
    public static async Task<Results<Ok<ViewDashboard.Response>, ProblemHttpResult>> Dashboard(Guid id, string asOf, StreamSession session, DateTimeOffset now, CancellationToken ct)
    {
        if (await ShownCampaign.Find(session, id, ct) is not var (campaign, shown))
        {
            return Problems.Of(CampaignViews.Unknown);
        }

        var (at, flaw) = PastMoment.Read(asOf, nameof(asOf), now);
        if (flaw is not null)
        {
            return Problems.Of(flaw);
        }

        var (past, moment) = (new RosterPast(session), at!.Value);
        var (counts, _, changedAt) = await past.Count(id, new(), moment, null, ct);
        var figures = Figures.Of(StandingSums.Of(counts), shown);
        var names = figures.Incomplete == 0 ? [] : await past.Read(id, new(Missing: true), shown, moment, new(_ => true, SortOrder.Name, false), counts, null, NamesShown, ct);
        return TypedResults.Ok(new ViewDashboard.Response(
            id, campaign.Name, campaign.StartsOn, campaign.EndsOn, figures.Creators, figures.Coverage, figures.Types, null, figures.Funnel,
            ViewDashboard.Warn(figures, shown, [.. names.Select(row => new ViewDashboard.Named(row.Creator, row.Profile?.Name ?? ""))]), [], changedAt));
    }

    /// <summary>The list's filter and pages, sorted by name or by a column.</summary>
    public static async Task<Results<Ok<ListCampaignCreators.Response>, ProblemHttpResult>> List(
        Guid roster, string asOf, CreatorFilter filter, IReadOnlyList<string> shown, StreamSession session, DateTimeOffset now, CancellationToken ct)
    {
        var (moment, unreadable) = PastMoment.Read(asOf, nameof(asOf), now);
        var (limit, flaw) = Page.LimitOf(filter.Limit);
        if ((unreadable ?? flaw ?? filter.Flaw(shown) ?? Unanswerable(filter)) is { } refusal)
        {
            return Problems.Of(refusal);
        }

        var past = new RosterPast(session);
        var cursor = CreatorCursor.Of(filter.Cursor);
        var (counts, name, _) = await past.Count(roster, filter, moment!.Value, cursor?.Creator, ct);
        var runs = filter.Runs();
        if (filter.Cursor is not null && (name is null || cursor!.Run >= runs.Count))
        {
            return Problems.Of(Page.Stale);
        }

        // One more than asked for tells whether there is a next page.
        var rows = new List<(PastRow Row, int Run)>();
        for (var run = cursor?.Run ?? 0; run < runs.Count && rows.Count <= limit; run++)
        {
            var after = cursor?.Run == run ? (cursor.Creator, name!) : default((Guid, string)?);
            var found = await past.Read(roster, filter, shown, moment.Value, runs[run], counts, after, limit + 1 - rows.Count, ct);
            rows.AddRange(found.Select(row => (row, run)));
        }

        var next = rows.Count > limit ? new CreatorCursor(rows[limit - 1].Run, 0, rows[limit - 1].Row.Creator).ToString() : null;
        return TypedResults.Ok(new ListCampaignCreators.Response([.. rows.Take(limit).Select(one => Show(one.Row, shown))], counts.Of(filter.Condition(shown)), next));
    }

    private static Decision.Refused? Unanswerable(CreatorFilter filter) => filter switch
    {
        { ExpiringWithin: not null } => new(RefusalKind.InvalidValue, "expiring-within.past", "Which ends were near is not kept of the past. Leave it out.", "expiringWithin"),
        { SortKey: CreatorFilter.SortByLastOutreach } => new(RefusalKind.InvalidValue, "sort.past", "When messages went out is not kept of the past. Sort by name or by a connection type.", "sort"),
        _ => null,
    };

    private static ListCampaignCreators.CreatorRow Show(PastRow row, IReadOnlyList<string> shown) => new(
        row.Creator,
        row.Profile?.Name ?? "",
        row.Profile?.HandlePerPlatform() ?? new Dictionary<string, string?>(),
        [.. from type in shown
            let status = row.Standing.StatusOf(type)
            select new ListCampaignCreators.Connection(type, ConnectionType.Named(type)!.Platform, status, ConnectionStatus.Colour(status), null, null, null, null, null, null)],
        null);
}
