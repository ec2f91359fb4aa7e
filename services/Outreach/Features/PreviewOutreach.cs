using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody looks before sending: who would get the message and how it reads, who would not and why. Nothing is recorded.</summary>
public static class PreviewOutreach
{
    /// <summary>Letters written out in one answer; a caller who wants to read another one names its creator alone.</summary>
    private const int Letters = 1000;

    private const int AtOnce = 500;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/outreach/preview", Handle)
            .WithName(nameof(PreviewOutreach)).WithTags("Outreach").WithSummary("Who would be written to, and what").RequireScope("outreach.read")
            .WithDescription("The body of POST /v1/outreach. Says of each recipient whether they would be written to, and why not; the letters of the first 1,000 are written out.")
            .WithMetadata(new RequestSizeLimitAttribute(OutreachRequest.MaxBody))
            .Refuses(404, "campaign.unknown").Refuses(409, "marketplace.not-configured", "marketplace.no-handle", "template.archived")
            .Refuses(422,
            [
                "recipients.none", "recipients.too-many", "recipients.ambiguous", "filter.invalid", "template.unknown",
                "send-at.too-far", "follow-up.invalid", .. TemplateRules.Codes
            ])
            .Refuses(503, "contacts.unavailable", "creators.unavailable");

    /// <param name="CreatorId">Who.</param>
    /// <param name="WillSend">Would they be written to now?</param>
    /// <param name="Reason">Why not, in a stable word.</param>
    /// <param name="Subject">How the letter begins...</param>
    /// <param name="Text">...and reads. Its link opens nothing.</param>
    /// <param name="Html">As a mail program shows it.</param>
    public sealed record Item(Guid CreatorId, bool WillSend, string? Reason, string? Subject, string? Text, string? Html = null);

    /// <param name="WillSend">How many would be written to.</param>
    /// <param name="Skipped">How many would not, by reason.</param>
    public sealed record Counts(int WillSend, IReadOnlyDictionary<string, int> Skipped);

    public sealed record Response(IReadOnlyList<Item> Items, Counts Counts);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        OutreachRequest request, StreamSession session, TemplateShelf shelf, Contacts contacts, Roster roster, Suppressions suppressions, Invitation invitation, DeliveryOptions options, TimeProvider clock,
        CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var campaign = await session.Load<KnownCampaign>(request.CampaignId, ct);
        var shelved = await shelf.Current(session.Organization, request.Template, ct);
        if (request.Objection(campaign, shelved, now) is Decision.Refused refusal)
        {
            return Problems.Of(refusal);
        }

        if (request.Message is { } edit)
        {
            (shelved, var flaws) = await shelf.Edited(shelved!, edit);
            if (shelved is null)
            {
                return TemplateProblems.Of(flaws);
            }
        }

        if (request.Filter is { } named && await SendOutreach.Flaw(roster, session.Organization, campaign!, named, ct) is { } flaw)
        {
            return flaw;
        }

        var template = shelved!.Template;
        try
        {
            var creators = request.Filter is { } filter
                ? await roster.All(session.Organization, request.CampaignId, filter, OutreachRequest.MaxRecipients, ct)
                : request.Creators;
            var items = new List<Item>(creators.Count);
            foreach (var page in creators.Chunk(AtOnce))
            {
                var knowledge = await Knowledge.Load(session, suppressions, request.CampaignId, request.Template, page, ct);
                var obstacles = page.ToDictionary(creator => creator, creator =>
                    knowledge.Candidate(creator).Obstacle(template, campaign!)
                    ?? (knowledge.Delivery(creator)?.BlocksAnother(now, options.Window) == true ? "already-invited" : null));
                var people = await contacts.Of(session.Organization, page.Where(creator => obstacles[creator] is null), ct);
                foreach (var creator in page)
                {
                    if (obstacles[creator] is { } obstacle)
                    {
                        items.Add(new(creator, false, obstacle, null, null));
                        continue;
                    }

                    var composed = Composition.Of(
                        template, people.GetValueOrDefault(creator), knowledge.OrganizationName, campaign!, invitation.Sample, invitation.ExpiresOn(now), MarketplaceLinks.Sample);
                    var letter = items.Count < Letters ? composed.Letter : null;
                    items.Add(new(creator, composed.Letter is not null, composed.Obstacle, letter?.Subject, letter?.Text, items.Count < Letters / 10 ? letter?.Html : null));
                }
            }

            return TypedResults.Ok(new Response(
                items,
                new(items.Count(item => item.WillSend), items.Where(item => !item.WillSend).CountBy(item => item.Reason!).ToDictionary())));
        }
        catch (ContactsUnavailable)
        {
            return Problems.Of(503, "contacts.unavailable", "Names and addresses cannot be read from Campaign right now. Nothing was sent; try again in a moment.");
        }
        catch (RosterUnavailable)
        {
            return Problems.Of(503, "creators.unavailable", "Whom the filter names cannot be read from Campaign right now. Nothing was sent; try again in a moment.");
        }
    }
}
