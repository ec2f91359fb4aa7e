using EventSourcing;
using Outreach.Channels;
using Outreach.Pages;

namespace Outreach.Features;

/// <summary>What is to be done for one recipient: a parcel to be sent, now or when quiet hours end, or why nothing is.</summary>
/// <param name="Parcel">The message, given the number of its attempt.</param>
/// <param name="Obstacle">Why there is none.</param>
/// <param name="QuietUntil">When it may leave, if not now.</param>
/// <param name="Before">What they were sent of this template for this campaign before.</param>
public sealed record Draft(Func<int, Parcel>? Parcel, string? Obstacle, DateTimeOffset? QuietUntil = null, Delivery? Before = null);

/// <summary>Writes the letters of a page: asks who may be written to, how they are called and where they are reached, and fills in the template they were promised.</summary>
public sealed class WriteLetters(
    TemplateShelf shelf, Contacts contacts, MarketplaceLinks marketplace, Suppressions suppressions, Invitation invitation, OpenTracking tracking,
    UnsubscribeLink unsubscribe, TimeProvider clock)
{
    /// <exception cref="ContactsUnavailable">Names cannot be had now.</exception>
    /// <exception cref="MarketplaceUnavailable">The campaign's marketplace link cannot be had now.</exception>
    public async Task<IReadOnlyDictionary<Guid, Draft>> Run(StreamSession session, Turn turn, Sender sender, IReadOnlyCollection<Guid> creators, CancellationToken ct)
    {
        var knowledge = await Knowledge.Load(session, suppressions, turn.CampaignId, turn.Template, creators, ct);
        if (knowledge.Campaign is not { } campaign || await shelf.Of(turn.Organization, turn.TemplateVersion, ct) is not { } template)
        {
            throw new InvalidOperationException("An outreach was accepted for a campaign or template that is not known.");
        }

        var now = clock.GetUtcNow();
        var drafts = creators.ToDictionary(creator => creator, creator => new Draft(null, Obstacle(creator), Before: knowledge.Delivery(creator)));
        var writable = drafts.Where(one => one.Value.Obstacle is null).Select(one => one.Key).ToArray();
        var people = await contacts.Of(turn.Organization, writable, ct);
        var link = writable.Length > 0 && template.Fields.Contains(MarketplaceLinks.Field) ? (await marketplace.Of(turn.Organization, turn.CampaignId, writable, ct)).Link : null;
        foreach (var creator in writable)
        {
            var (recipient, person) = (turn.Recipient(creator), people.GetValueOrDefault(creator));
            var composed = Composition.Of(
                template, person, knowledge.OrganizationName, campaign, invitation.Sign(turn.Organization, recipient, now), invitation.ExpiresOn(now), link,
                tracking.For(turn.Organization, recipient));
            drafts[creator] = composed.Letter is not null
                ? drafts[creator] with { Parcel = Parcel, QuietUntil = sender.Pace.QuietEnds(now, person!.TimeZone) }
                : drafts[creator] with { Obstacle = composed.Obstacle };

            Parcel Parcel(int attempt) => new(recipient.DeliveryId, attempt, person!.Name!, person.Email!, sender.Name ?? knowledge.OrganizationName!, composed.Letter!)
            {
                Sender = sender,
                Unsubscribe = new(turn.Organization, unsubscribe.Sign(turn.Organization, recipient, now)),
            };
        }

        return drafts;

        string? Obstacle(Guid creator) => knowledge.Candidate(creator).Obstacle(template, campaign)
            ?? (turn.Parent is not null && campaign.HasEnded(now) ? "campaign-ended" : null);
    }
}
