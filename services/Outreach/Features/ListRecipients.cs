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
            .WithName(nameof(ListRecipients)).WithSummary("What became of each recipient").RequireScope("outreach.read");

    public sealed record Item(
        Guid CreatorId, Verdict Verdict, string? Reason, DateTimeOffset At, Guid DeliveryId, DateTimeOffset? OpenedAt, DateTimeOffset? ClickedAt, DateTimeOffset? ConnectedAt);

    public sealed record Response(IReadOnlyList<Item> Items, string? Next);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Guid id, StreamSession session, WorkList work, Engagements engagements, CancellationToken ct, string? cursor = null, int limit = 50)
    {
        if (limit is < 1 or > MaxLimit)
        {
            return Problems.Of(422, "limit.invalid", $"Ask for 1 to {MaxLimit} recipients at a time.", "limit");
        }

        if (!TryRead(cursor, out var after))
        {
            return Problems.Of(422, "cursor.invalid", "Pass the value of \"next\" from the page before, unchanged, or none for the first page.", "cursor");
        }

        if (await session.Load<OutreachBatch>(id, ct) is not { } batch)
        {
            return GetOutreach.Unknown;
        }

        // One more than asked for: whether it is there tells whether there is a next page.
        var rows = await work.List(session.Organization, id, after, limit + 1, ct);
        var shown = rows.Take(limit).ToArray();
        var deliveries = shown.Select(row => Recipient.Of(id, batch.CampaignId, row.CreatorId, batch.Template).DeliveryId).ToArray();
        var engaged = await engagements.Of(session.Organization, deliveries, ct);
        return TypedResults.Ok(new Response(
            [.. shown.Zip(deliveries, (row, delivery) => Shown(row, delivery, engaged.GetValueOrDefault(delivery)))],
            rows.Count > limit ? shown[^1].Position.ToString(CultureInfo.InvariantCulture) : null));
    }

    private static Item Shown(RecipientRow row, Guid delivery, EngagementRow? did) =>
        new(row.CreatorId, row.Verdict, row.Reason, row.At, delivery, did?.OpenedAt, did?.ClickedAt, did?.ConnectedAt);

    private static bool TryRead(string? cursor, out long after)
    {
        after = 0;
        return cursor is null || long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out after);
    }
}
