using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody looks who is not written to, and why.</summary>
public static class ListSuppressions
{
    private const int MaxLimit = 500;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/suppressions", Handle)
            .WithName(nameof(ListSuppressions)).WithTags("Suppressions").WithSummary("Who is not written to, and why").RequireScope("outreach.read")
            .WithDescription("Newest first; by creator, campaign or reason.")
            .Refuses(422, "limit.invalid", "cursor.invalid");

    /// <summary><paramref name="CampaignId"/> is null where it reaches everything. <paramref name="By"/> is a person's id, <c>creator</c> or <c>mail-server</c>.</summary>
    public sealed record Item(Guid CreatorId, Guid? CampaignId, string Reason, string By, DateTimeOffset At);

    public sealed record Response(IReadOnlyList<Item> Items, string? Next);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        StreamSession session, Suppressions suppressions, CancellationToken ct,
        Guid? creatorId = null, Guid? campaignId = null, SuppressionReason? reason = null, string? cursor = null, int limit = 50)
    {
        if (limit is < 1 or > MaxLimit)
        {
            return Problems.Of(422, "limit.invalid", $"Ask for 1 to {MaxLimit} at a time.", "limit");
        }

        if (!TryRead(cursor, out var after))
        {
            return Problems.Of(422, "cursor.invalid", "Pass the value of \"next\" from the page before, unchanged, or none for the first page.", "cursor");
        }

        // One more than asked for: whether it is there tells whether there is a next page.
        var rows = await suppressions.List(session.Organization, new(creatorId, campaignId, reason), after, limit + 1, ct);
        var shown = rows.Take(limit).ToArray();
        return TypedResults.Ok(new Response(
            [.. shown.Select(row => new Item(row.CreatorId, row.CampaignId, row.Reason, row.By, row.At))], rows.Count > limit ? Cursor(shown[^1]) : null));
    }

    private static string Cursor(SuppressionRow row) => $"{row.CreatorId:N}.{row.CampaignId ?? Guid.Empty:N}.{row.Reason}";

    private static bool TryRead(string? cursor, out SuppressionRow? after)
    {
        after = null;
        if (cursor is null)
        {
            return true;
        }

        if (cursor.Split('.') is not [var creator, var campaign, var reason] || !Enum.TryParse<SuppressionReason>(reason, out _)
            || !Guid.TryParseExact(creator, "N", out var creatorId) || !Guid.TryParseExact(campaign, "N", out var campaignId))
        {
            return false;
        }

        after = new(creatorId, campaignId, reason, "", default);
        return true;
    }
}
