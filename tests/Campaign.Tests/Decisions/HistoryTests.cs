using Campaigns.Features;
using Shouldly;

namespace Campaigns.Tests.Decisions;

public sealed class HistoryTests
{
    private static readonly string[] Shown = ["InstagramInsights"];
    private static readonly DateTimeOffset Start = new(2027, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Standing Grey = default;
    private static readonly Standing Green = Grey.With("InstagramInsights", "Connected");
    private static readonly Standing Red = Grey.With("InstagramInsights", "Expired");

    [Fact]
    public void A_change_that_no_column_shows_is_no_step() =>
        ViewCampaignCreator.History([(Start, Grey), (Start.AddHours(1), Grey.With("YouTubeInsights", "Connected")), (Start.AddHours(2), Grey.WithOutreach("Sent"))], Shown)
            .Select(step => step.What).ShouldBe(["Joined"]);

    [Fact]
    public void Whoever_left_and_came_back_joined_twice() =>
        ViewCampaignCreator.History([(Start, Grey), (Start.AddHours(1), null), (Start.AddHours(2), Green)], Shown).Select(step => step.What).ShouldBe(["Joined", "Left", "Joined"]);

    [Fact]
    public void A_message_stands_where_its_furthest_news_says_in_whatever_order_they_came()
    {
        var (first, second, outreach) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        object[] news =
        [
            new OutreachProgressed(Guid.Empty, Guid.Empty, Guid.Empty, first, "Clicked"),
            new OutreachNoted(Guid.Empty, Guid.Empty, Guid.Empty, outreach, first, "creator-hub-invitation", Start, "Sent"),
            new OutreachNoted(Guid.Empty, Guid.Empty, Guid.Empty, outreach, second, "reconnect-request", Start.AddDays(1)),
            new OutreachProgressed(Guid.Empty, Guid.Empty, Guid.Empty, second, "Bounced"),
            new OutreachProgressed(Guid.Empty, Guid.Empty, Guid.Empty, Guid.NewGuid(), "Connected"),
        ];
        ViewCampaignCreator.Messages(news).ShouldBe(
            [new(first, outreach, "creator-hub-invitation", Start, "Clicked"), new(second, outreach, "reconnect-request", Start.AddDays(1), "Bounced")]);
    }

    [Fact]
    public void Who_is_at_the_end_as_at_the_beginning_has_not_changed() =>
        ListChanges.Net(Guid.NewGuid(), "Ana", Green, [(Start, Red), (Start.AddHours(1), null), (Start.AddHours(2), Green)], Shown).ShouldBeNull();

    [Fact]
    public void A_change_is_as_old_as_the_state_at_the_end()
    {
        var change = ListChanges.Net(Guid.NewGuid(), "Ana", Grey, [(Start, Red), (Start.AddHours(1), Green), (Start.AddHours(2), Red), (Start.AddHours(3), Red.WithOutreach("Sent"))], Shown)!;
        change.Connections.ShouldBe([new("InstagramInsights", "NotConnected", "Expired", Start.AddHours(2))]);
        (change.Joined, change.Left, change.Steps.Count).ShouldBe((null, null, 3));
    }

    [Fact]
    public void Whoever_left_for_good_is_named_with_the_time_they_left()
    {
        var change = ListChanges.Net(Guid.NewGuid(), "Ana", Grey, [(Start, null), (Start.AddHours(1), Green), (Start.AddHours(2), null)], Shown)!;
        (change.Joined, change.Left).ShouldBe((null, Start.AddHours(2)));
    }

    [Fact]
    public void A_notice_names_rosters_an_organization_or_anything()
    {
        var (one, two) = (Guid.NewGuid(), Guid.NewGuid());
        RosterNotices.Read($"{one:N},{two:N}").ShouldBe([new(one, null, false), new(two, null, false)]);
        RosterNotices.Read($"!{one:N}").ShouldBe([new(one, null, true)]);
        RosterNotices.Read("@aurora").ShouldBe([new(null, "aurora", true)]);
        RosterNotices.Read("*").ShouldBe([RosterNotices.Anything]);
    }
}
