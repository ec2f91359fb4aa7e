using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody looks what messages lead to: per campaign and template, how many were sent, opened, clicked, and led to a connection.</summary>
public static class ShowConversion
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/outreach/conversion", Handle)
        .WithName(nameof(ShowConversion)).WithTags("Outreach").WithSummary("Sent, opened, clicked, connected, per campaign and template").RequireScope("outreach.read")
        .WithDescription("Of the messages sent from `from` on and before `to`. Opened is a lower bound: many mail programs load no images.")
        .Refuses(404, "campaign.unknown").Refuses(422, "range.invalid");

    /// <summary>A row of the conversion table.</summary>
    /// <param name="CampaignId">The campaign.</param>
    /// <param name="Template">The template's key.</param>
    /// <param name="Sent">Recipients whose message was sent, those that bounced included.</param>
    /// <param name="Opened">Of those, who opened it, as far as an image or a click tells.</param>
    /// <param name="Clicked">Who opened the Creator Hub through its invitation.</param>
    /// <param name="Connected">Who connected at least one platform through it.</param>
    /// <param name="OpenRate">Opened of sent, 0 to 1.</param>
    /// <param name="ClickRate">Clicked of sent, 0 to 1.</param>
    /// <param name="ConnectRate">Connected of sent, 0 to 1.</param>
    public sealed record Item(
        Guid CampaignId, string Template, int Sent, int Opened, int Clicked, int Connected, double OpenRate, double ClickRate, double ConnectRate);

    public sealed record Response(IReadOnlyList<Item> Items);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        StreamSession session, Engagements engagements, CancellationToken ct,
        Guid? campaignId = null, string? template = null, DateTimeOffset? from = null, DateTimeOffset? to = null)
    {
        if (from >= to)
        {
            return Problems.Of(422, "range.invalid", "\"from\" must be before \"to\".", "from");
        }

        if (campaignId is { } campaign && await session.Load<KnownCampaign>(campaign, ct) is null)
        {
            return Problems.Of(404, "campaign.unknown", "There is no campaign with this id.");
        }

        var rows = await engagements.Conversion(session.Organization, campaignId, template, from, to, ct);
        return TypedResults.Ok(new Response([.. rows.Select(row => new Item(
            row.CampaignId, row.Template, row.Sent, row.Opened, row.Clicked, row.Connected,
            Share(row.Opened, row.Sent), Share(row.Clicked, row.Sent), Share(row.Connected, row.Sent)))]));
    }

    // Nobody has a row without a message that was sent, so it is never a division by zero.
    private static double Share(int some, int all) => Math.Round((double)some / all, 4);
}
