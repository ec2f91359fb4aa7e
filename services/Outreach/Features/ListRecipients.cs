using System.Globalization;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody looks what became of each recipient of an outreach.</summary>
public static class ListRecipients
{
    private const int MaxLimit = 500;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/outreach/{id:guid}/recipients", Handle)
            .WithName(nameof(ListRecipients)).WithTags("Outreach").WithSummary("What became of each recipient").RequireScope("outreach.read")
            .WithDescription("The verdict of each, in the order they were named, and when they opened, clicked and connected.")
            .Refuses(404, "outreach.unknown").Refuses(422, "limit.invalid", "cursor.invalid", "verdict.unknown");

    /// <param name="CreatorId">Who.</param>
    /// <param name="DeliveryId">Their message, as links and bounces name it.</param>
    /// <param name="Verdict">What became of it.</param>
    /// <param name="Reason">Why, in a stable word.</param>
    /// <param name="At">Since when (UTC).</param>
    /// <param name="OpenedAt">When they first opened it, as far as an image or a click tells (UTC).</param>
    /// <param name="ClickedAt">When they first opened the Creator Hub through its invitation (UTC).</param>
    /// <param name="ConnectedAt">When they first connected a platform through it (UTC).</param>
    /// <param name="UnsubscribedAt">When they first wanted no more mail, through the link in this one (UTC).</param>
    public sealed record Item(
        Guid CreatorId, Guid DeliveryId, Verdict Verdict, string? Reason, DateTimeOffset At, DateTimeOffset? OpenedAt = null, DateTimeOffset? ClickedAt = null,
        DateTimeOffset? ConnectedAt = null, DateTimeOffset? UnsubscribedAt = null);

    public sealed record Response(IReadOnlyList<Item> Items, string? Next);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Guid id, StreamSession session, WorkList work, Engagements engagements, CancellationToken ct, string? cursor = null, int limit = 50, string? verdict = null)
    {
        if (limit is < 1 or > MaxLimit)
        {
            return Problems.Of(422, "limit.invalid", $"Ask for 1 to {MaxLimit} recipients at a time.", "limit");
        }

        if (!TryRead(cursor, out var after))
        {
            return Problems.Of(422, "cursor.invalid", "Pass the value of \"next\" from the page before, unchanged, or none for the first page.", "cursor");
        }

        if (verdict is not null && !Enum.GetNames<Verdict>().Contains(verdict))
        {
            return Problems.Of(422, "verdict.unknown", $"The verdicts are {string.Join(", ", Enum.GetNames<Verdict>())}.", "verdict");
        }

        if (await session.Load<OutreachBatch>(id, ct) is null)
        {
            return GetOutreach.Unknown;
        }

        // One more than asked for: whether it is there tells whether there is a next page.
        var rows = await work.List(session.Organization, id, after, limit + 1, verdict, ct);
        var shown = rows.Take(limit).ToArray();
        var engaged = await engagements.Of(session.Organization, [.. shown.Select(row => row.DeliveryId)], ct);
        return TypedResults.Ok(new Response(
            [.. shown.Select(row => ItemOf(row, engaged.GetValueOrDefault(row.DeliveryId)))],
            rows.Count > limit ? shown[^1].Position.ToString(CultureInfo.InvariantCulture) : null));
    }

    private static Item ItemOf(RecipientRow row, EngagementRow? did) =>
        new(row.CreatorId, row.DeliveryId, row.Verdict, row.Reason, row.At, did?.OpenedAt, did?.ClickedAt, did?.ConnectedAt, did?.UnsubscribedAt);

    private static bool TryRead(string? cursor, out long after)
    {
        after = 0;
        return cursor is null || long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out after);
    }
}
