using EventSourcing;
using Outreach.Features;

namespace Outreach.Tests.Decisions;

public sealed class SendOutreachTests
{
    private static readonly Guid Id = OutreachBatch.IdOf("aurora", "key-1");
    private static readonly KnownCampaign Campaign = new(Guid.CreateVersion7(), "Summer", ["InstagramInsights"], 1);
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 10, 0, 0, TimeSpan.Zero);
    private static readonly Guid Ana = Guid.CreateVersion7();
    private static readonly Guid Ben = Guid.CreateVersion7();
    private static readonly OutreachRequest Request = new(Campaign.Id, "creator-hub-invitation", [Ana, Ben]);

    private static readonly Guid Version = Guid.CreateVersion7();
    private static readonly OutreachRequested Requested = new(Id, Campaign.Id, "creator-hub-invitation", 2, Request.Fingerprint(), "maya", Version);

    [Fact]
    public void A_request_is_recorded_with_whom_it_is_for()
    {
        var events = When(Request).Decision.ShouldBeOfType<Decision.Recorded>().Events;
        events.ShouldBe([Requested]);
    }

    [Fact]
    public void A_creator_named_twice_is_one_recipient()
    {
        var events = When(Request with { CreatorIds = [Ana, Ben, Ana] }).Decision.ShouldBeOfType<Decision.Recorded>().Events;
        events[0].ShouldBe(Requested);
    }

    [Fact]
    public void The_same_request_under_the_same_key_changes_nothing() => When(Request, Requested).ThenNothing();

    [Fact]
    public void The_same_request_is_repeated_even_when_the_campaign_could_not_be_found_any_more() =>
        new Given<OutreachBatch>(Requested).When(batch => SendOutreach.Decide(batch, Id, Request, Request.Fingerprint(), null, Shelved(Request.Template), "maya", Now)).ThenNothing();

    [Fact]
    public void Another_request_under_the_same_key_is_refused() =>
        When(Request with { CreatorIds = [Ana] }, Requested).ThenRefused(RefusalKind.InvalidValue, "idempotency.key-reused");

    [Fact]
    public void An_unknown_template_is_refused() => When(Request with { Template = "invoice" }).ThenRefused(RefusalKind.InvalidValue, "template.unknown");

    [Fact]
    public void An_archived_template_is_refused() =>
        new Given<OutreachBatch>()
            .When(batch => SendOutreach.Decide(batch, Id, Request, Request.Fingerprint(), Campaign, Shelved(Request.Template, isArchived: true), "maya", Now))
            .ThenRefused(RefusalKind.WrongState, "template.archived");

    [Fact]
    public void Nobody_to_write_to_is_refused() => When(Request with { CreatorIds = [] }).ThenRefused(RefusalKind.InvalidValue, "recipients.none");

    [Fact]
    public void More_recipients_than_fit_are_refused() =>
        When(Request with { CreatorIds = [.. Enumerable.Range(0, 100_001).Select(_ => Guid.NewGuid())] }).ThenRefused(RefusalKind.InvalidValue, "recipients.too-many");

    [Fact]
    public void A_campaign_this_organization_does_not_have_is_unknown() =>
        new Given<OutreachBatch>().When(batch => SendOutreach.Decide(batch, Id, Request, Request.Fingerprint(), null, Shelved(Request.Template), "maya", Now)).ThenRefused(RefusalKind.Unknown, "campaign.unknown");

    [Fact]
    public void A_marketplace_link_that_cannot_be_had_refuses_the_request_and_not_its_repetition()
    {
        var refusal = Decision.Refuse("marketplace.not-configured", "There is no marketplace account.");
        new Given<OutreachBatch>().When(batch => SendOutreach.Decide(batch, Id, Request, Request.Fingerprint(), Campaign, Shelved(Request.Template), "maya", Now, refusal))
            .ThenRefused(RefusalKind.WrongState, "marketplace.not-configured");
        new Given<OutreachBatch>(Requested).When(batch => SendOutreach.Decide(batch, Id, Request, Request.Fingerprint(), Campaign, Shelved(Request.Template), "maya", Now, refusal)).ThenNothing();
    }

    [Fact]
    public void An_outreach_is_complete_when_nobody_waits_any_more() =>
        new Given<OutreachBatch>(Requested).When(batch => CompleteOutreach.Decide(batch, new(0, 1, 1, 0))).Then(new OutreachCompleted(1, 1, 0));

    [Fact]
    public void An_outreach_in_which_somebody_waits_goes_on() =>
        new Given<OutreachBatch>(Requested).When(batch => CompleteOutreach.Decide(batch, new(1, 1, 0, 0))).ThenNothing();

    [Fact]
    public void An_outreach_is_completed_once() =>
        new Given<OutreachBatch>(Requested, new OutreachCompleted(2, 0, 0)).When(batch => CompleteOutreach.Decide(batch, new(0, 2, 0, 0))).ThenNothing();

    private static Decided When(OutreachRequest request, params object[] given) =>
        new Given<OutreachBatch>(given).When(batch => SendOutreach.Decide(batch, Id, request, request.Fingerprint(), Campaign, Shelved(request.Template), "maya", Now));

    private static ShelvedTemplate? Shelved(string key, bool isArchived = false) =>
        Template.Find(key) is { } template ? new(Version, 1, isArchived, template) : null;
}
