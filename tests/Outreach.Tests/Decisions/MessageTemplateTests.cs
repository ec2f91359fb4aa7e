using EventSourcing;
using Outreach.Features;

namespace Outreach.Tests.Decisions;

public sealed class MessageTemplateTests
{
    private static readonly Guid Id = MessageTemplate.IdOf("aurora", "nudge");
    private static readonly Edition First = new(Id, "nudge", "Nudge", "YetToOptIn", 1, Guid.CreateVersion7());
    private static readonly TemplateSaved Saved = new(First, "maya");
    private static readonly TemplateArchived Archived = new(First, "maya");
    private static readonly MessageTemplate Hub = MessageTemplate.Untouched("aurora", "creator-hub-invitation")!;
    private static readonly Edition OwnHub = Hub.Current with { Version = 2, VersionId = Guid.CreateVersion7(), Name = "Our invitation" };

    [Fact]
    public void A_template_begins_with_its_first_version() =>
        Given().When(template => CreateTemplate.Decide(template, First, "maya")).Then(Saved);

    [Fact]
    public void A_key_that_is_taken_is_refused() =>
        Given(Saved).When(template => CreateTemplate.Decide(template, First, "maya")).ThenRefused(RefusalKind.WrongState, "template.key-taken");

    [Fact]
    public void The_key_of_an_archived_template_is_still_taken() =>
        Given(Saved, Archived).When(template => CreateTemplate.Decide(template, First, "maya")).ThenRefused(RefusalKind.WrongState, "template.key-taken");

    [Fact]
    public void An_edit_is_the_next_version()
    {
        var version = Guid.CreateVersion7();
        Given(Saved).When(template => EditTemplate.Decide(template, "Reminder", Audience.HasLostAccess, version, "ben"))
            .Then(new TemplateSaved(First with { Name = "Reminder", Audience = "HasLostAccess", Version = 2, VersionId = version }, "ben"));
    }

    [Fact]
    public void The_first_edit_of_a_built_in_template_is_its_second_version()
    {
        Hub.Current.Version.ShouldBe(1);
        Given().When(_ => EditTemplate.Decide(Hub, OwnHub.Name, Audience.YetToOptIn, OwnHub.VersionId, "maya")).Then(new TemplateSaved(OwnHub, "maya"));
    }

    [Fact]
    public void A_built_in_template_keeps_its_audience() =>
        Given().When(_ => EditTemplate.Decide(Hub, "Own", Audience.HasLostAccess, Guid.CreateVersion7(), "maya"))
            .ThenRefused(RefusalKind.InvalidValue, "template.audience-fixed");

    [Fact]
    public void An_archived_template_is_not_edited() =>
        Given(Saved, Archived).When(template => EditTemplate.Decide(template, "Nudge", Audience.YetToOptIn, Guid.CreateVersion7(), "maya"))
            .ThenRefused(RefusalKind.WrongState, "template.archived");

    [Fact]
    public void A_template_that_is_not_there_can_be_neither_edited_nor_archived_nor_restored()
    {
        Given().When(template => EditTemplate.Decide(template, "Nudge", Audience.YetToOptIn, Guid.CreateVersion7(), "maya"))
            .ThenRefused(RefusalKind.Unknown, "template.unknown");
        Given().When(template => ArchiveTemplate.Decide(template, "maya")).ThenRefused(RefusalKind.Unknown, "template.unknown");
        Given().When(template => RestoreTemplate.Decide(template, "maya")).ThenRefused(RefusalKind.Unknown, "template.unknown");
    }

    [Fact]
    public void Archiving_is_recorded_once()
    {
        Given(Saved).When(template => ArchiveTemplate.Decide(template, "maya")).Then(Archived);
        Given(Saved, Archived).When(template => ArchiveTemplate.Decide(template, "maya")).ThenNothing();
        StreamFold<MessageTemplate>.Of([Saved, Archived]).ShouldBe(new(First, true, true, 2));
    }

    [Fact]
    public void Restoring_an_own_template_brings_it_back_in_use_with_its_own_words()
    {
        Given(Saved, Archived).When(template => RestoreTemplate.Decide(template, "maya")).Then(new TemplateUnarchived(First, "maya"));
        Given(Saved).When(template => RestoreTemplate.Decide(template, "maya")).ThenNothing();
        StreamFold<MessageTemplate>.Of([Saved, Archived, new TemplateUnarchived(First, "maya")]).ShouldBe(new(First, false, true, 3));
    }

    [Fact]
    public void Restoring_a_built_in_template_is_a_new_version_with_the_built_in_words()
    {
        var restored = MessageTemplate.BuiltIn(Hub.Id, Template.Find("creator-hub-invitation")!, 3);
        Given(new TemplateSaved(OwnHub, "maya")).When(template => RestoreTemplate.Decide(template, "ben")).Then(new BuiltInRestored(restored, "ben"));
        restored.Name.ShouldBe("Creator Hub invitation");
        StreamFold<MessageTemplate>.Of([new TemplateSaved(OwnHub, "maya"), new BuiltInRestored(restored, "ben")]).ShouldBe(new(restored, false, false, 2));
    }

    [Fact]
    public void Restoring_a_built_in_template_nobody_touched_changes_nothing() =>
        Given().When(_ => RestoreTemplate.Decide(Hub, "maya")).ThenNothing();

    [Fact]
    public void An_archived_built_in_template_comes_back_as_it_was() =>
        Given(new TemplateArchived(Hub.Current, "maya")).When(template => RestoreTemplate.Decide(template, "maya")).Then(new TemplateUnarchived(Hub.Current, "maya"));

    [Fact]
    public void The_id_of_a_built_in_version_follows_from_its_words()
    {
        var hub = Template.Find("creator-hub-invitation")!;
        MessageTemplate.BuiltIn(Id, hub, 1).VersionId.ShouldBe(Hub.Current.VersionId);
        var reworded = new Template(hub.Key, hub.Name, hub.Audience, hub.Words with { Text = hub.Words.Text + "!" });
        MessageTemplate.BuiltIn(Id, reworded, 1).VersionId.ShouldNotBe(Hub.Current.VersionId);
    }

    [Fact]
    public void A_minute_takes_ten_test_messages_of_an_organization()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var limit = new TestSendLimit(clock);
        for (var i = 0; i < TestSendLimit.PerWindow; i++)
        {
            limit.TryTake("aurora", out _).ShouldBeTrue();
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        limit.TryTake("aurora", out var wait).ShouldBeFalse();
        wait.ShouldBe(TimeSpan.FromSeconds(50));
        limit.TryTake("borealis", out _).ShouldBeTrue();
        clock.Advance(wait);
        limit.TryTake("aurora", out _).ShouldBeTrue();
        limit.TryTake("aurora", out _).ShouldBeFalse();
    }

    private static Given<MessageTemplate> Given(params IReadOnlyList<object> events) => new(events);
}
