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
        routes.MapPost("/v1/outreach", Handle).WithName(nameof(SendOutreach)).WithTags("Outreach").WithSummary("Write to up to 100,000 creators").RequireScope("outreach.send")
            .WithDescription("Name creators one by one or by a filter. 202 and where to look; repeating the request with its Idempotency-Key changes nothing.")
            .WithMetadata(new RequestSizeLimitAttribute(OutreachRequest.MaxBody))
            .Refuses(400, "idempotency.key-missing").Refuses(404, "campaign.unknown")
            .Refuses(409, "marketplace.not-configured", "marketplace.no-handle", "template.archived")
            .Refuses(422,
            [
                "recipients.none", "recipients.too-many", "recipients.ambiguous", "filter.invalid", "template.unknown",
                "send-at.too-far", "follow-up.invalid", .. TemplateRules.Codes, "idempotency.key-reused"
            ])
            .Refuses(503, "creators.unavailable");

    /// <param name="Id">The outreach: <c>GET /v1/outreach/{id}</c> says how it gets on.</param>
    public sealed record Response(Guid Id);

    private static async Task<Results<Accepted<Response>, ProblemHttpResult>> Handle(
        OutreachRequest request, [FromHeader(Name = "Idempotency-Key")] string? key, ClaimsPrincipal user, StreamSession session, TemplateShelf shelf, Roster roster, MarketplaceLinks links,
        WorkSignal signal, DeliveryOptions options, TimeProvider clock, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(key) || key.Length > MaxKeyLength)
        {
            return Problems.Of(400, "idempotency.key-missing",
                $"Send an Idempotency-Key header of 1 to {MaxKeyLength} characters, a new one for each outreach, so that repeating a request never mails twice.");
        }

        var id = OutreachBatch.IdOf(session.Organization, key);
        var campaign = await session.Load<KnownCampaign>(request.CampaignId, ct);
        var template = await shelf.Current(session.Organization, request.Template, ct);
        if (template is { IsArchived: false } && request.Message is { } edit)
        {
            (var edited, var flaws) = await shelf.Edited(template, edit);
            if (edited is null)
            {
                return TemplateProblems.Of(flaws);
            }

            template = edited;
        }

        var now = clock.GetUtcNow();
        if (request.Filter is { } filter && campaign is not null && await Flaw(roster, session.Organization, campaign, filter, ct) is { } flaw)
        {
            return flaw;
        }

        var refusal = request.Objection(campaign, template, now) is null
            ? await links.Objection(session.Organization, template?.Template, request.CampaignId, request.Creators, ct)
            : null;
        var (requestedBy, fingerprint) = (user.FindFirstValue("sub") ?? "unknown", request.Fingerprint());
        Decision decision = Decision.Nothing;
        var outcome = await session.DecideAndSave<OutreachBatch>(
            id,
            batch => decision = Decide(batch, id, request, fingerprint, campaign, template, requestedBy, now, refusal),
            ct,
            alongside: operations =>
            {
                if (decision is Decision.Recorded)
                {
                    shelf.Pin(operations, template!);
                    Schedule.Open(
                        operations,
                        new(session.Organization, id, request.CampaignId, request.Template, template!.VersionId, options.Window, false, false, request.Filter, null, null, request.SendAt, Activity.Current?.Id),
                        request.Creators,
                        now);
                }
            });

        signal.Pulse();
        return outcome.ToHttp(_ => TypedResults.Accepted($"/v1/outreach/{id}", new Response(id)));
    }

    public static Decision Decide(
        OutreachBatch? batch, Guid id, OutreachRequest request, string fingerprint, KnownCampaign? campaign, ShelvedTemplate? template, string requestedBy,
        DateTimeOffset now, Decision? refusal = null) => batch switch
        {
            { } earlier when earlier.Fingerprint == fingerprint => Decision.Nothing,
            { } => Decision.Invalid("Idempotency-Key", "idempotency.key-reused", "This Idempotency-Key was used for another outreach. Use a new key for a new outreach."),
            null => request.Objection(campaign, template, now) ?? refusal ?? Decision.Of(new OutreachRequested(
                id, request.CampaignId, request.Template, request.Creators.Count, fingerprint, requestedBy, template!.VersionId, request.Filter, request.SendAt, request.FollowUp)),
        };

    /// <summary>Why the filter cannot be used.</summary>
    internal static async Task<ProblemHttpResult?> Flaw(Roster roster, string organization, KnownCampaign campaign, string filter, CancellationToken ct)
    {
        try
        {
            var (total, refusal) = await roster.Count(organization, campaign.Id, filter, ct);
            return (total, refusal) switch
            {
                (_, { } why) => Problems.Of(422, "filter.invalid", why, "filter"),
                (0, _) => Problems.Of(422, "recipients.none", "The filter names nobody.", "filter"),
                ( > OutreachRequest.MaxRecipients, _) => Problems.Of(422, "recipients.too-many", $"The filter names {total} creators; an outreach goes to at most {OutreachRequest.MaxRecipients}.", "filter"),
                _ => null,
            };
        }
        catch (RosterUnavailable)
        {
            return Problems.Of(503, "creators.unavailable", "Whom the filter names cannot be read from Campaign right now. Nothing was sent; try again in a moment.");
        }
    }
}
