using EventSourcing;
using Outreach.Features;

namespace Outreach.Tests.Decisions;

public sealed class SuppressionTests
{
    private const string Organization = "aurora";
    private static readonly Guid Creator = Guid.CreateVersion7();
    private static readonly Guid Campaign = Guid.CreateVersion7();
    private static readonly Guid OtherCampaign = Guid.CreateVersion7();
    private static readonly Guid Id = Suppression.IdOf(Organization, Creator);
    private static readonly SignedLink Request = new(Organization, Guid.CreateVersion7(), Campaign, Creator);
    private static readonly KnownCreator Known = new(Creator, 1);

    private static readonly CreatorSuppressed OutOfAll = new(Id, Creator, null, "Unsubscribed", "creator", Request.DeliveryId);
    private static readonly CreatorSuppressed OutOfCampaign = OutOfAll with { CampaignId = Campaign };
    private static readonly CreatorSuppressed Bounced = new(Id, Creator, null, "HardBounce", "mail-server", Request.DeliveryId);

    [Fact]
    public void A_creator_may_leave_one_campaign_or_everything()
    {
        new Given<Suppression>().When(Press("campaign")).Then(OutOfCampaign);
        new Given<Suppression>().When(Press("organization")).Then(OutOfAll);
        new Given<Suppression>(OutOfCampaign).When(Press("organization")).Then(OutOfAll);
    }

    [Fact]
    public void Who_has_left_already_is_not_recorded_again()
    {
        new Given<Suppression>(OutOfAll).When(Press("organization")).ThenNothing();
        new Given<Suppression>(OutOfCampaign).When(Press("campaign")).ThenNothing();
    }

    [Fact]
    public void A_change_of_mind_takes_back_what_the_creator_asked_for_and_nothing_else() =>
        new Given<Suppression>(OutOfAll, OutOfCampaign, OutOfAll with { CampaignId = OtherCampaign }, Bounced).When(Press("undo")).Then(
            new CreatorReadmitted(Creator, null, "Unsubscribed", "creator"), new CreatorReadmitted(Creator, Campaign, "Unsubscribed", "creator"));

    [Fact]
    public void A_change_of_mind_of_somebody_who_never_left_changes_nothing()
    {
        new Given<Suppression>().When(Press("undo")).ThenNothing();
        new Given<Suppression>(OutOfAll, new CreatorReadmitted(Creator, null, "Unsubscribed", "creator")).When(Press("undo")).ThenNothing();
    }

    [Fact]
    public void Lifting_takes_away_every_reason_of_that_reach_and_leaves_the_others()
    {
        var given = new Given<Suppression>(OutOfAll, Bounced, OutOfCampaign);
        given.When(state => LiftSuppression.Decide(state, Known, null, "maya")).Then(
            new CreatorReadmitted(Creator, null, "Unsubscribed", "maya"), new CreatorReadmitted(Creator, null, "HardBounce", "maya"));
        given.When(state => LiftSuppression.Decide(state, Known, OtherCampaign, "maya")).ThenNothing();
    }

    [Fact]
    public void Only_known_creators_and_campaigns_can_be_named()
    {
        new Given<Suppression>().When(Manual(null, new(), null)).ThenRefused(RefusalKind.Unknown, "creator.unknown");
        new Given<Suppression>().When(Manual(Known, new(Campaign), null)).ThenRefused(RefusalKind.Unknown, "campaign.unknown");
        new Given<Suppression>().When(state => LiftSuppression.Decide(state, null, null, "maya")).ThenRefused(RefusalKind.Unknown, "creator.unknown");
        new Given<Suppression>().When(Manual(Known, new(Campaign, SuppressionReason.Complaint), new(Campaign, "Summer", [], 1)))
            .Then(new CreatorSuppressed(Id, Creator, Campaign, "Complaint", "maya", null));
    }

    private static Func<Suppression?, Decision> Press(string choice) => state => Unsubscribe.Decide(state, Request, choice);

    private static Func<Suppression?, Decision> Manual(KnownCreator? creator, SuppressCreator.Request request, KnownCampaign? campaign) =>
        state => SuppressCreator.Decide(state, Organization, Creator, creator, request, campaign, "maya");
}
