using System.Globalization;
using EventSourcing;
using Microsoft.Net.Http.Headers;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>The creators a filter leaves as a file for spreadsheets, as long as it may be: read and sent a page at a time.</summary>
public static class ExportCreators
{
    private const int PageSize = 2_000;
    private const string EmailScope = "contacts.read";
    private const string Description = "text/csv, UTF-8 with its mark. The list's filter and order; cursor and limit count for nothing. E-mail addresses with email=true, for whom the scope contacts.read allows it.";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/campaigns/{id:guid}/creators.csv", OfCampaign).WithName(nameof(ExportCreators)).WithTags("Campaigns").WithSummary("A campaign's creators as a spreadsheet").WithDescription(Description)
            .Produces(200, contentType: "text/csv").RequireScope("campaigns.read")
            .Refuses(403, "scope.missing")
            .Refuses(404, "campaign.unknown")
            .Refuses(422, "connection-type.unknown", "status.unknown", "outreach-state.unknown", "expiring-within.invalid", "sort.unknown");
        routes.MapGet("/v1/organization/creators.csv", OfOrganization).WithName("ExportOrganizationCreators").WithTags("Creators").WithSummary("All creators as a spreadsheet").WithDescription(Description)
            .Produces(200, contentType: "text/csv").RequireScope("campaigns.read")
            .Refuses(403, "scope.missing")
            .Refuses(422, "connection-type.unknown", "status.unknown", "outreach-state.unknown", "expiring-within.invalid", "sort.unknown");
    }

    private static async Task<IResult> OfCampaign(
        Guid id, [AsParameters] CreatorFilter filter, HttpContext http, StreamSession session, Rosters rosters, TimeProvider clock, CancellationToken ct, bool email = false) =>
        await ShownCampaign.Find(session, id, ct) is var (campaign, shown)
            ? await Export(id, campaign.Name, filter, email, shown, http, rosters, clock.GetUtcNow(), ct)
            : Problems.Of(CampaignViews.Unknown);

    private static async Task<IResult> OfOrganization(
        [AsParameters] CreatorFilter filter, HttpContext http, StreamSession session, Rosters rosters, TimeProvider clock, CancellationToken ct, bool email = false) =>
        await Export(CampaignTables.Everyone(session.Organization), session.Organization, filter, email, await ShownCampaign.OfOrganization(session, ct), http, rosters, clock.GetUtcNow(), ct);

    private static async Task<IResult> Export(
        Guid roster, string name, CreatorFilter filter, bool email, IReadOnlyList<string> shown, HttpContext http, Rosters rosters, DateTimeOffset now, CancellationToken ct)
    {
        if (email && !http.User.HasScope(EmailScope))
        {
            return Problems.Of(StatusCodes.Status403Forbidden, "scope.missing", $"E-mail addresses take the scope {EmailScope} as well. Leave out email, or ask for a token with it.");
        }

        if (filter.Flaw(shown) is { } flaw)
        {
            return Problems.Of(flaw);
        }

        var file = new ContentDispositionHeaderValue("attachment");
        file.SetHttpFileName(string.Create(CultureInfo.InvariantCulture, $"{name} creators {now:yyyy-MM-dd}.csv"));
        http.Response.ContentType = "text/csv; charset=utf-8";
        http.Response.Headers.ContentDisposition = file.ToString();
        http.Response.Headers.CacheControl = "no-store";

        await using var table = new CreatorTable(http.Response.Body, shown, email);
        await table.Begin(ct);
        var (counts, _) = await rosters.Count(roster, filter, shown, now, null, ct);
        foreach (var (run, index) in filter.Runs().Select((run, index) => (run, index)))
        {
            var after = default((CreatorCursor, string)?);
            IReadOnlyList<RosterRow> page;
            do
            {
                page = await rosters.Read(roster, filter, shown, now, run, counts, after, PageSize, ct);
                foreach (var row in page)
                {
                    await table.Add(row, now, ct);
                }

                after = page is [.., var last] ? (new(index, last.ContactedAt is { } at ? (long)(at - DateTimeOffset.UnixEpoch).TotalMicroseconds : 0, last.Creator), last.Profile?.SortName ?? "") : after;
            }
            while (page.Count == PageSize);
        }

        return TypedResults.Empty;
    }
}
