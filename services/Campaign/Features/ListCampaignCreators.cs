using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>
/// A campaign's creators, a column per connection type that is shown. <c>missing</c> keeps those whose metrics may be incomplete,
/// the very ones the dashboard warns of.
/// </summary>
public static class ListCampaignCreators
{
    /// <param name="State">NotSynced, Synced or Stale; null where the column pulls no insights.</param>
    /// <param name="CollectedAt">When the newest pull ended.</param>
    /// <param name="Through">The last day the account's numbers reach to.</param>
    public sealed record Insights(string State, DateTimeOffset? CollectedAt, DateOnly? Through);

    /// <param name="Type">The column.</param>
    /// <param name="Platform">Its platform.</param>
    /// <param name="Status">Connected, Expired, Invalidated or NotConnected.</param>
    /// <param name="Colour">green, red or grey.</param>
    /// <param name="Reason">Why it is Invalidated; in the marketplace's column the standing there.</param>
    /// <param name="Since">Since when; null for what never was.</param>
    /// <param name="ConnectionId">The connection; null in the marketplace's column, which is none.</param>
    /// <param name="ExpiringAt">The end that was warned of, while it is green.</param>
    /// <param name="Insights">Do data flow?</param>
    /// <param name="NextAction">What a person can do about it; null where nothing is to be done.</param>
    public sealed record Connection(
        string Type, string Platform, string Status, string Colour, string? Reason, DateTimeOffset? Since, Guid? ConnectionId,
        DateTimeOffset? ExpiringAt, Insights? Insights, string? NextAction);

    /// <param name="Template">Key of the template.</param>
    /// <param name="At">When it was sent, or failed.</param>
    /// <param name="OutreachId">The bulk send.</param>
    /// <param name="State">How far it has come: Sent, Failed, Bounced, Clicked or Connected.</param>
    public sealed record Outreach(string Template, DateTimeOffset At, Guid OutreachId, string State);

    public sealed record CreatorRow(
        Guid CreatorId, string Name, IReadOnlyDictionary<string, string?> Handles, IReadOnlyList<Connection> Connections, Outreach? LastOutreach);

    public sealed record Response(IReadOnlyList<CreatorRow> Items, long Total, string? Next);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/campaigns/{id:guid}/creators", Handle)
        .WithName(nameof(ListCampaignCreators)).WithTags("Campaigns").WithSummary("A campaign's creators and their connections").RequireScope("campaigns.read")
        .WithDescription("Filter by connection type and status, by what is missing, or by name; with counts per value.")
        .Refuses(404, "campaign.unknown").Refuses(422, "connection-type.unknown", "status.unknown", "outreach-state.unknown", "expiring-within.invalid", "sort.unknown", "cursor.invalid", "limit.invalid", "asOf.future", "asOf.invalid", "expiring-within.past", "sort.past");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Guid id, [AsParameters] CreatorFilter filter, StreamSession session, Rosters rosters, TimeProvider clock, CancellationToken ct, string? asOf = null) =>
        await ShownCampaign.Find(session, id, ct) is { Shown: var shown }
            ? string.IsNullOrEmpty(asOf)
                ? await Page(id, filter, shown, rosters, clock.GetUtcNow(), ct)
                : await ViewPast.List(id, asOf, filter, shown, session, clock.GetUtcNow(), ct)
            : Problems.Of(CampaignViews.Unknown);

    internal static async Task<Results<Ok<Response>, ProblemHttpResult>> Page(
        Guid roster, CreatorFilter filter, IReadOnlyList<string> shown, Rosters rosters, DateTimeOffset now, CancellationToken ct)
    {
        var (limit, flaw) = Campaigns.Page.LimitOf(filter.Limit);
        if ((flaw ?? filter.Flaw(shown)) is { } refusal)
        {
            return Problems.Of(refusal);
        }

        await rosters.Hold(ct);
        var cursor = CreatorCursor.Of(filter.Cursor);
        var (counts, name) = await rosters.Count(roster, filter, shown, now, cursor?.Creator, ct);
        var runs = filter.Runs();
        if (filter.Cursor is not null && (name is null || cursor!.Run >= runs.Count))
        {
            return Problems.Of(Campaigns.Page.Stale);
        }

        // One more than asked for tells whether there is a next page.
        var (rows, last) = (new List<RosterRow>(), new List<int>());
        for (var run = cursor?.Run ?? 0; run < runs.Count && rows.Count <= limit; run++)
        {
            var after = cursor?.Run == run ? (cursor, name!) : default((CreatorCursor, string)?);
            var found = await rosters.Read(roster, filter, shown, now, runs[run], counts, after, limit + 1 - rows.Count, ct);
            rows.AddRange(found);
            last.AddRange(Enumerable.Repeat(run, found.Count));
        }

        var next = rows.Count > limit ? Mark(rows[limit - 1], last[limit - 1]) : null;
        return TypedResults.Ok(new Response([.. rows.Take(limit).Select(row => Show(row, now))], counts.Of(filter.Condition(shown)), next));
    }

    internal static CreatorRow Show(RosterRow row, DateTimeOffset now) => new(
        row.Creator,
        row.Profile?.Name ?? "",
        row.Profile?.HandlePerPlatform() ?? new Dictionary<string, string?>(),
        [.. row.Cells.Select(cell => Show(cell, row.Profile?.FirstName, now))],
        row.Outreach is { } sent ? new(sent.Template, sent.At, sent.OutreachId, row.Standing.Outreach) : null);

    // The standing in the marketplace is no connection, so it has no connection's id.
    private static Connection Show(RosterCell cell, string? firstName, DateTimeOffset now)
    {
        var type = ConnectionType.Named(cell.Type)!;
        return new(
            cell.Type, type.Platform, cell.Status, ConnectionStatus.Colour(cell.Status), cell.Reason, cell.Since, type.IsAuthorization ? cell.ConnectionId : null,
            cell.ExpiringAt,
            type.IsAuthorization ? new(InsightsState.Of(cell.Status, cell.CollectedAt, cell.Since, now), cell.CollectedAt, cell.Through) : null,
            NextAction.For(type, cell.Status, cell.Reason, cell.ExpiringAt, firstName ?? "the creator"));
    }

    private static string Mark(RosterRow row, int run) =>
        new CreatorCursor(run, row.ContactedAt is { } at ? (long)(at - DateTimeOffset.UnixEpoch).TotalMicroseconds : 0, row.Creator).ToString();
}
