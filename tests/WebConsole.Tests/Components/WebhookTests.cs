using Bunit;
using WebConsole.Apis;
using WebConsole.Webhooks;

namespace WebConsole.Tests.Components;

public sealed class WebhookTests : Rendering
{
    private static readonly WebhookEndpoint Well = new(Guid.NewGuid(), "https://hooks.aurora.example/x", "", [], false, null, null, null, DateTimeOffset.UnixEpoch, []);

    [Fact]
    public void What_somebody_decided_is_told_before_what_merely_happens()
    {
        var failing = Well with { FailingSince = DateTimeOffset.UnixEpoch };

        WebhookWords.Look(Well).Key.ShouldBe("Sending");
        WebhookWords.Look(failing).Key.ShouldBe("Troubled");
        WebhookWords.Look(failing with { Paused = true, PausedBecause = "Manual" }).Key.ShouldBe("Paused");
        WebhookWords.Look(failing with { Paused = true, PausedBecause = "Failing" }).Colour.ShouldBe("red");
        WebhookWords.Look(failing with { Paused = true, PausedBecause = "Gone" }).Key.ShouldBe("Gone");
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("Manual", null, false)]
    [InlineData("Gone", null, false)]
    [InlineData("Failing", null, false)]
    [InlineData(null, "2026-11-23", false)]
    public void Whatever_is_not_well_comes_with_what_helps(string? paused, string? failingSince, bool isWell) =>
        (WebhookWords.Advice(Well with { Paused = paused is not null, PausedBecause = paused, FailingSince = failingSince is null ? null : DateTimeOffset.UnixEpoch }) is null).ShouldBe(isWell);

    [Theory]
    [InlineData("Delivered", 200, "Taken (200)")]
    [InlineData("Rejected", 401, "Refused (401): see what the receiver says about it, for instance about the signature")]
    [InlineData("TlsFailed", null, "The certificate was not acceptable")]
    [InlineData("SomethingNew", 299, "Something new (299)")]
    public void An_attempt_says_in_words_how_it_ended(string outcome, int? status, string words) => WebhookWords.Outcome(outcome, status).ShouldBe(words);

    [Fact]
    public void A_state_is_told_by_colour_icon_and_word()
    {
        var chip = Render<StateChip>(with => with.Add(chip => chip.Look, WebhookWords.Look(Well))).Find(".status");

        chip.ClassList.ShouldContain("status-green");
        chip.QuerySelector("svg")!.GetAttribute("aria-hidden").ShouldBe("true");
        chip.TextContent.Trim().ShouldBe("Sending");
    }
}
