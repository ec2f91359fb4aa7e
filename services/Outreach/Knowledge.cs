using EventSourcing;
using JasperFx.Events;

namespace Outreach;

/// <summary>Everything this service knows that bears on a set of creators and one template of one campaign, read at once.</summary>
public sealed class Knowledge
{
    private readonly string organization;
    private readonly Guid campaignId;
    private readonly string template;
    private readonly ILookup<Guid, IEvent> streams;
    private readonly IReadOnlyDictionary<Guid, string> suppressed;

    private Knowledge(string organization, Guid campaignId, string template, ILookup<Guid, IEvent> streams, IReadOnlyDictionary<Guid, string> suppressed)
    {
        (this.organization, this.campaignId, this.template, this.streams, this.suppressed) = (organization, campaignId, template, streams, suppressed);
    }

    public KnownCampaign? Campaign => State<KnownCampaign>(campaignId);

    public string? OrganizationName => State<KnownOrganization>(KnownOrganization.IdOf(organization))?.Name;

    private CampaignSwitches Switches => field ??= new(
        State<ConnectionSwitches>(ConnectionSwitches.IdOf(organization)), State<ConnectionSwitches>(ConnectionSwitches.IdOf(organization, campaignId)));

    public static async Task<Knowledge> Load(
        StreamSession session, Suppressions suppressions, Guid campaign, string template, IReadOnlyCollection<Guid> creators, CancellationToken ct)
    {
        Guid[] ids =
        [
            campaign,
            KnownOrganization.IdOf(session.Organization),
            ConnectionSwitches.IdOf(session.Organization),
            ConnectionSwitches.IdOf(session.Organization, campaign),
            .. creators.SelectMany(creator => (Guid[])
            [
                creator,
                RosterPlace.IdOf(session.Organization, campaign, creator),
                CreatorStanding.IdOf(session.Organization, creator),
                CreatorMarketplace.IdOf(session.Organization, creator),
                Outreach.Delivery.IdOf(Recipient.Of(Guid.Empty, campaign, creator, template)),
            ]),
        ];
        return new(session.Organization, campaign, template, await session.Facts(ids, ct), await suppressions.Of(session.Organization, campaign, creators, ct));
    }

    public Candidate Candidate(Guid creator) => new(
        State<KnownCreator>(creator),
        State<RosterPlace>(RosterPlace.IdOf(organization, campaignId, creator)),
        State<CreatorStanding>(CreatorStanding.IdOf(organization, creator)),
        State<CreatorMarketplace>(CreatorMarketplace.IdOf(organization, creator)),
        suppressed.ContainsKey(creator),
        Switches);

    public Delivery? Delivery(Guid creator) => State<Delivery>(Outreach.Delivery.IdOf(Recipient.Of(Guid.Empty, campaignId, creator, template)));

    private T? State<T>(Guid id)
        where T : class, IStreamState<T>
        => StreamFold<T>.Of(streams[id]);
}
