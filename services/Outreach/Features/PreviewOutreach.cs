using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody looks before sending: who would get the message and how it reads, who would not and why. Nothing is recorded.</summary>
public static class PreviewOutreach
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/outreach/preview", Handle)
            .WithName(nameof(PreviewOutreach)).WithSummary("Who would be written to, and what").RequireScope("outreach.read");

    public sealed record Item(Guid CreatorId, bool WillSend, string? Reason, string? Subject, string? Text);

    public sealed record Response(IReadOnlyList<Item> Items);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        OutreachRequest request, StreamSession session, Contacts contacts, Invitation invitation, Suppressions suppressions, DeliveryOptions options, TimeProvider clock, CancellationToken ct)
    {
        var campaign = await session.Load<KnownCampaign>(request.CampaignId, ct);
        if (request.Objection(campaign) is Decision.Refused refusal)
        {
            return Problems.Of(refusal);
        }

        var now = clock.GetUtcNow();
        var template = Template.Find(request.Template)!;
        Guid[] creators = [.. request.Creators];
        var knowledge = await Knowledge.Load(session, request.CampaignId, request.Template, creators, ct);
        var suppressed = await suppressions.Of(session.Organization, request.CampaignId, creators, ct);
        var obstacles = creators.ToDictionary(creator => creator, creator =>
            (suppressed.ContainsKey(creator) ? "suppressed" : knowledge.Candidate(creator).Obstacle(template, campaign!))
            ?? (knowledge.Delivery(creator)?.BlocksAnother(now, options.Window) == true ? "already-invited" : null));
        try
        {
            var people = await contacts.Of(session.Organization, creators.Where(creator => obstacles[creator] is null), ct);
            return TypedResults.Ok(new Response([.. creators.Select(creator =>
            {
                if (obstacles[creator] is { } obstacle)
                {
                    return new Item(creator, false, obstacle, null, null);
                }

                var composed = Composition.Of(
                    template, people.GetValueOrDefault(creator), knowledge.OrganizationName, campaign!, invitation.Sample, invitation.ExpiresOn(now));
                return new(creator, composed.Letter is not null, composed.Obstacle, composed.Letter?.Subject, composed.Letter?.Text);
            })]));
        }
        catch (ContactsUnavailable)
        {
            return Problems.Of(503, "contacts.unavailable", "Names and addresses cannot be read from Campaign right now. Nothing was sent; try again in a moment.");
        }
    }
}
