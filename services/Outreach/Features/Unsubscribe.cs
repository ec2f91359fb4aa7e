using EventSourcing;
using Outreach.Pages;

namespace Outreach.Features;

/// <summary>
/// A recipient wants no more mail. The link alone changes nothing, since scanners open links; a press of a button does, the recipient's own on the
/// page or the one their mail program shows (RFC 8058).
/// </summary>
public static class Unsubscribe
{
    private const string Campaign = "campaign";
    private const string Everything = "organization";
    private const string Undo = "undo";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/u/{token}", Show).WithName("ShowUnsubscribe").AllowAnonymous().RequireRateLimiting(PageRateLimit.Policy).ExcludeFromDescription();
        routes.MapPost("/u/{token}", Handle)
            .WithName(nameof(Unsubscribe)).AllowAnonymous().DisableAntiforgery().RequireRateLimiting(PageRateLimit.Policy).ExcludeFromDescription();
    }

    private static async Task<IResult> Show(string token, HttpContext http, UnsubscribeLink link, StreamSessions sessions, TimeProvider clock, CancellationToken ct)
    {
        var (request, fault) = await link.Read(token, clock.GetUtcNow());
        if (request is null)
        {
            return UnsubscribePage.Fault(http, fault);
        }

        await using var session = sessions.For(request.Organization);
        var suppression = await session.Load<Suppression>(Suppression.IdOf(request.Organization, request.CreatorId), ct);
        return await Page(http, session, request, suppression, isBack: false, ct);
    }

    private static async Task<IResult> Handle(
        string token, HttpContext http, UnsubscribeLink link, WorkList work, StreamSessions sessions, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (request, fault) = await link.Read(token, now);
        if (request is null)
        {
            return UnsubscribePage.Fault(http, fault);
        }

        if (await Choice(http.Request, ct) is not { } choice)
        {
            return UnsubscribePage.NothingChosen(http);
        }

        await using var session = sessions.For(request.Organization);
        var recipient = choice == Undo ? null : await work.Find(request.Organization, request.DeliveryId, ct);
        var outcome = await Suppressions.Record(
            session, request.CreatorId, suppression => Decide(suppression, request, choice), now, ct,
            alongside: operations =>
            {
                if (recipient is not null)
                {
                    Engagements.Unsubscribed(operations, recipient, now);
                }
            });
        return await Page(http, session, request, outcome.State, isBack: choice == Undo, ct);
    }

    public static Decision Decide(Suppression? suppression, SignedLink request, string choice) => choice == Undo
        ? Suppression.Resubscribe(suppression, request.CampaignId)
        : Suppression.Add(
            suppression, request.Organization, request.CreatorId, choice == Campaign ? request.CampaignId : null, SuppressionReason.Unsubscribed, Suppression.ByCreator,
            request.DeliveryId);

    /// <summary>
    /// The button of a mail program stops everything of the organization: it says "unsubscribe from this sender", knows nothing of campaigns, and
    /// who presses it and hears from the same sender again presses "spam" next. List-Id names the same list.
    /// </summary>
    private static async Task<string?> Choice(HttpRequest request, CancellationToken ct)
    {
        if (!request.HasFormContentType)
        {
            return null;
        }

        var form = await request.ReadFormAsync(ct);
        return (OneClick: form["List-Unsubscribe"].ToString(), Chosen: form["choice"].ToString()) switch
        {
            { OneClick: "One-Click" } => Everything,
            { Chosen: Campaign or Everything or Undo } answer => answer.Chosen,
            _ => null,
        };
    }

    private static async Task<IResult> Page(
        HttpContext http, StreamSession session, SignedLink request, Suppression? suppression, bool isBack, CancellationToken ct)
    {
        var organization = await session.Load<KnownOrganization>(KnownOrganization.IdOf(request.Organization), ct);
        var campaign = await session.Load<KnownCampaign>(request.CampaignId, ct);
        return UnsubscribePage.Choice(
            http, organization?.Name ?? "this sender", campaign?.Name ?? "this campaign",
            suppression?.Has(null, SuppressionReason.Unsubscribed) == true,
            suppression?.Has(request.CampaignId, SuppressionReason.Unsubscribed) == true,
            isBack);
    }
}
