using System.Diagnostics;
using System.Security.Claims;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody asks for one bulk send: record who is to be written to; <see cref="DeliverOutreach"/> does the writing.</summary>
public static class SendOutreach
{
    public const int MaxKeyLength = 200;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/outreach", Handle).WithName(nameof(SendOutreach)).WithSummary("Write to up to 1000 creators").RequireScope("outreach.send");

    public sealed record Response(Guid Id);

    private static async Task<Results<Accepted<Response>, ProblemHttpResult>> Handle(
        OutreachRequest request, [FromHeader(Name = "Idempotency-Key")] string? key, ClaimsPrincipal user, StreamSession session, MarketplaceLinks links,
        WorkSignal signal, TimeProvider clock, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(key) || key.Length > MaxKeyLength)
        {
            return Problems.Of(400, "idempotency.key-missing",
                $"Send an Idempotency-Key header of 1 to {MaxKeyLength} characters, a new one for each outreach, so that repeating a request never mails twice.");
        }

        var id = OutreachBatch.IdOf(session.Organization, key);
        var campaign = await session.Load<KnownCampaign>(request.CampaignId, ct);
        var refusal = request.Objection(campaign) is null
            ? await links.Objection(session.Organization, Template.Find(request.Template), request.CampaignId, request.Creators, ct)
            : null;
        var requestedBy = user.FindFirstValue("sub") ?? "unknown";
        Decision decision = Decision.Nothing;
        var outcome = await session.DecideAndSave<OutreachBatch>(
            id,
            batch => decision = Decide(batch, id, request, campaign, requestedBy, refusal),
            ct,
            alongside: operations =>
            {
                if (decision is Decision.Recorded)
                {
                    WorkList.Add(operations, id, request, clock.GetUtcNow(), Activity.Current?.Id);
                }
            });

        signal.Pulse();
        return outcome.ToHttp(_ => TypedResults.Accepted($"/v1/outreach/{id}", new Response(id)));
    }

    public static Decision Decide(
        OutreachBatch? batch, Guid id, OutreachRequest request, KnownCampaign? campaign, string requestedBy, Decision? refusal = null) => batch switch
    {
        { } earlier when earlier.Fingerprint == request.Fingerprint() => Decision.Nothing,
        { } => Decision.Invalid("Idempotency-Key", "idempotency.key-reused", "This Idempotency-Key was used for another outreach. Use a new key for a new outreach."),
        null => request.Objection(campaign) ?? refusal ?? Decision.Of(
            new OutreachRequested(id, request.CampaignId, request.Template, request.Creators.Count(), request.Fingerprint(), requestedBy),
            new RecipientsChosen([.. request.Creators])),
    };
}
