using Bunit;
using WebConsole.Apis;
using WebConsole.Shared;

namespace WebConsole.Tests.Components;

public sealed class StatusTests : Rendering
{
    [Theory]
    [InlineData("Connected", "green", "Connected")]
    [InlineData("Expired", "red", "Expired")]
    [InlineData("Invalidated", "red", "Invalidated")]
    [InlineData("NotConnected", "grey", "Not connected")]
    [InlineData("UnderReview", "grey", "Under review")]
    public void A_status_is_told_by_colour_icon_and_word(string status, string colour, string word)
    {
        var chip = Render<StatusChip>(with => with.Add(chip => chip.Status, status)).Find(".status");

        chip.ClassList.ShouldContain($"status-{colour}");
        chip.QuerySelector("svg")!.GetAttribute("aria-hidden").ShouldBe("true");
        chip.TextContent.Trim().ShouldBe(word);
    }

    [Fact]
    public void Statuses_of_one_colour_have_different_icons() => Words.Statuses.Select(look => look.Icon).ShouldBeUnique();

    [Fact]
    public void A_bar_is_as_long_as_the_counts_and_says_them()
    {
        var bar = Render<StatusBar>(with => with.Add(bar => bar.Counts, new StatusCounts("TikTokInsights", 6, 1, 0, 3)));

        bar.Find("[role=img]").GetAttribute("aria-label").ShouldBe("6 connected, 1 expired, 3 not connected");
        bar.FindAll(".bar-part").Select(part => part.GetAttribute("style")).ShouldBe(["flex-grow: 6", "flex-grow: 1", "flex-grow: 3"]);
    }

    [Theory]
    [InlineData(0, "0%")]
    [InlineData(0.001, "1%")]
    [InlineData(0.64, "64%")]
    [InlineData(0.999, "99%")]
    [InlineData(1, "100%")]
    public void Only_all_is_a_hundred_percent_and_only_none_is_zero(double share, string read) => Words.Percent(share).ShouldBe(read);
}
