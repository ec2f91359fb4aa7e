using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Outreach;

/// <summary>Campaign did not say whom a filter names. No recipient is to blame, so the outreach waits.</summary>
public sealed class RosterUnavailable(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A page of creators that a filter names, and the cursor of the next one.</summary>
public sealed record RosterPage(IReadOnlyList<Guid> Creators, long Total, string? Next);

/// <summary>Reads a campaign's creators from Campaign, by the query its list of creators takes; ids alone, in their order.</summary>
public sealed class Roster(HttpClient http)
{
    private const int PageSize = 5_000;
    private static readonly HashSet<string> Ours = new(StringComparer.OrdinalIgnoreCase) { "cursor", "limit" };

    /// <summary>The creators a filter names, from a cursor of <see cref="Page"/> on.</summary>
    /// <param name="organization">Whose.</param>
    /// <param name="campaign">On whose roster.</param>
    /// <param name="filter">As in <c>GET /v1/campaigns/{id}/creators?…</c>: <c>type=YouTubeInsights&amp;status=NotConnected</c>. Empty for everybody.</param>
    /// <param name="mark">Where to go on; null for the beginning.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="RosterUnavailable">Campaign cannot be asked now, or answered something else.</exception>
    public async Task<RosterPage> Page(string organization, Guid campaign, string filter, string? mark, CancellationToken ct)
    {
        var (page, _) = await Ask(organization, campaign, filter, Features.PrepareOutreach.Positions.Cursor(mark), PageSize, ct);
        return page ?? throw new RosterUnavailable("Campaign does not take the filter any more.");
    }

    /// <summary>How many the filter names, or why it means nothing.</summary>
    /// <exception cref="RosterUnavailable">Campaign cannot be asked now.</exception>
    public async Task<(long Total, string? Refusal)> Count(string organization, Guid campaign, string filter, CancellationToken ct)
    {
        var (page, refusal) = await Ask(organization, campaign, filter, null, 1, ct);
        return (page?.Total ?? 0, refusal);
    }

    /// <summary>Everybody the filter names, up to a number.</summary>
    /// <exception cref="RosterUnavailable">Campaign cannot be asked now.</exception>
    public async Task<IReadOnlyList<Guid>> All(string organization, Guid campaign, string filter, int most, CancellationToken ct)
    {
        var all = new List<Guid>();
        string? cursor = null;
        do
        {
            var (page, refusal) = await Ask(organization, campaign, filter, cursor, PageSize, ct);
            if (page is null)
            {
                throw new RosterUnavailable($"Campaign does not take the filter: {refusal}");
            }

            all.AddRange(page.Creators);
            cursor = page.Next;
        }
        while (cursor is not null && all.Count < most);
        return all;
    }

    private async Task<(RosterPage? Page, string? Refusal)> Ask(string organization, Guid campaign, string filter, string? cursor, int limit, CancellationToken ct)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/campaigns/{campaign}/creators/ids{Query(filter, cursor, limit)}");
            request.Headers.Add("X-Organization", organization);
            using var response = await http.SendAsync(request, ct);
            if (response.StatusCode is HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest or HttpStatusCode.NotFound)
            {
                var problem = await response.Content.ReadFromJsonAsync<Problem>(ct);
                return (null, problem?.Detail ?? "The filter means nothing in this campaign.");
            }

            if (!response.IsSuccessStatusCode)
            {
                throw new RosterUnavailable($"Campaign answered {(int)response.StatusCode} to a request for a page of creators.");
            }

            var list = await response.Content.ReadFromJsonAsync<List>(ct) ?? throw new RosterUnavailable("Campaign answered without creators.");
            return (new(list.Items, list.Total, list.Next), null);
        }
        catch (Exception e) when (!ct.IsCancellationRequested && e is not RosterUnavailable)
        {
            throw new RosterUnavailable($"Campaign cannot be asked for creators ({e.GetType().Name}).", e is JsonException ? null : e);
        }
    }

    private static string Query(string filter, string? cursor, int limit)
    {
        IEnumerable<KeyValuePair<string, StringValues>> asked = QueryHelpers.ParseQuery(filter);
        return QueryHelpers.AddQueryString(
            "",
            [.. asked.Where(one => !Ours.Contains(one.Key)), new("limit", limit.ToString(System.Globalization.CultureInfo.InvariantCulture)), .. cursor is null ? [] : (KeyValuePair<string, StringValues>[])[new("cursor", cursor)]]);
    }

    private sealed record List(IReadOnlyList<Guid> Items, long Total, string? Next);

    private sealed record Problem(string? Detail);
}
