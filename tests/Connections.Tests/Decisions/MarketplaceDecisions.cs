using EventSourcing;
using Shouldly;
using Xunit;
using static Connections.Tests.Given;

namespace Connections.Tests.Decisions;

/// <summary>Every answer of the marketplace in every standing, and what comes of it.</summary>
public sealed class MarketplaceDecisions
{
    private static readonly MarketplaceTerms Terms = new(TimeSpan.FromDays(30), TimeSpan.FromDays(30));
    private static readonly DateTimeOffset InviteEnd = Now.AddDays(30);

    private static readonly Dictionary<string, MarketplaceStanding?> Standings = new()
    {
        ["Unknown"] = null,
        ["NotInvited"] = Standing(new MarketplaceEligibilityFound(Creator, null, [], Because("status", "NOT_IN"))),
        ["NotEligible by status"] = Standing(new MarketplaceEligibilityFound(Creator, null, [MarketplaceReason.HandleUnknown], Because("status", "INVALID"))),
        ["NotEligible by invitation"] = Standing(new MarketplaceEligibilityFound(Creator, "NotInvited", [MarketplaceReason.TooFewFollowers], Because("invitation", "rejected"))),
        ["Invited"] = Standing(new MarketplaceInvited(Creator, "NotInvited", InviteEnd, Because("invitation", "invited"))),
        ["Invited and seen"] = Standing(new MarketplaceInvited(Creator, null, InviteEnd, Because("status", "INVITED"))),
        ["InviteExpired"] = Standing(new MarketplaceInviteExpired(Creator, Now, Because("status", "NOT_IN"))),
        ["Joined"] = Standing(new MarketplaceJoined(Creator, null, Because("status", "IN"))),
        ["Declined"] = Standing(new MarketplaceDeclined(Creator, Because("status", "NOT_IN"))),
    };

    [Theory]
    [InlineData("Unknown", MarketplaceWord.In, "Joined")]
    [InlineData("Unknown", MarketplaceWord.NotIn, "NotInvited")]
    [InlineData("Unknown", MarketplaceWord.Invited, "Invited")]
    [InlineData("Unknown", MarketplaceWord.HandleUnknown, "NotEligible HandleUnknown")]
    [InlineData("Unknown", MarketplaceWord.NotACreator, "NotEligible NotACreator")]
    [InlineData("Unknown", MarketplaceWord.OutsideRegions, "NotEligible OutsideRegions")]
    [InlineData("Unknown", MarketplaceWord.Rejected, "NotEligible Underage")]
    [InlineData("NotInvited", MarketplaceWord.In, "Joined")]
    [InlineData("NotInvited", MarketplaceWord.NotIn, "nothing")]
    [InlineData("NotInvited", MarketplaceWord.Invited, "Invited")]
    [InlineData("NotInvited", MarketplaceWord.HandleUnknown, "NotEligible HandleUnknown")]
    [InlineData("NotInvited", MarketplaceWord.NotACreator, "NotEligible NotACreator")]
    [InlineData("NotInvited", MarketplaceWord.OutsideRegions, "NotEligible OutsideRegions")]
    [InlineData("NotInvited", MarketplaceWord.Rejected, "NotEligible Underage")]
    [InlineData("NotEligible by status", MarketplaceWord.In, "Joined")]
    [InlineData("NotEligible by status", MarketplaceWord.NotIn, "NotInvited")]
    [InlineData("NotEligible by status", MarketplaceWord.Invited, "Invited")]
    [InlineData("NotEligible by status", MarketplaceWord.HandleUnknown, "nothing")]
    [InlineData("NotEligible by status", MarketplaceWord.NotACreator, "NotEligible NotACreator")]
    [InlineData("NotEligible by status", MarketplaceWord.OutsideRegions, "NotEligible OutsideRegions")]
    [InlineData("NotEligible by status", MarketplaceWord.Rejected, "NotEligible Underage")]
    [InlineData("NotEligible by invitation", MarketplaceWord.In, "Joined")]
    [InlineData("NotEligible by invitation", MarketplaceWord.NotIn, "nothing")]
    [InlineData("NotEligible by invitation", MarketplaceWord.Rejected, "NotEligible Underage")]
    [InlineData("Invited", MarketplaceWord.In, "Joined")]
    [InlineData("Invited", MarketplaceWord.NotIn, "nothing")]
    [InlineData("Invited", MarketplaceWord.Invited, "Invited seen")]
    [InlineData("Invited", MarketplaceWord.HandleUnknown, "nothing")]
    [InlineData("Invited", MarketplaceWord.NotACreator, "nothing")]
    [InlineData("Invited", MarketplaceWord.OutsideRegions, "NotEligible OutsideRegions")]
    [InlineData("Invited", MarketplaceWord.Rejected, "NotEligible Underage")]
    [InlineData("Invited and seen", MarketplaceWord.Invited, "nothing")]
    [InlineData("Invited and seen", MarketplaceWord.NotIn, "Declined")]
    [InlineData("Invited and seen", MarketplaceWord.In, "Joined")]
    [InlineData("InviteExpired", MarketplaceWord.In, "Joined")]
    [InlineData("InviteExpired", MarketplaceWord.NotIn, "nothing")]
    [InlineData("InviteExpired", MarketplaceWord.Invited, "Invited")]
    [InlineData("InviteExpired", MarketplaceWord.HandleUnknown, "NotEligible HandleUnknown")]
    [InlineData("InviteExpired", MarketplaceWord.NotACreator, "NotEligible NotACreator")]
    [InlineData("InviteExpired", MarketplaceWord.OutsideRegions, "NotEligible OutsideRegions")]
    [InlineData("Joined", MarketplaceWord.In, "nothing")]
    [InlineData("Joined", MarketplaceWord.NotIn, "NotInvited")]
    [InlineData("Joined", MarketplaceWord.Invited, "Invited")]
    [InlineData("Joined", MarketplaceWord.HandleUnknown, "nothing")]
    [InlineData("Joined", MarketplaceWord.NotACreator, "NotEligible NotACreator")]
    [InlineData("Joined", MarketplaceWord.OutsideRegions, "NotEligible OutsideRegions")]
    [InlineData("Joined", MarketplaceWord.Rejected, "nothing")]
    [InlineData("Declined", MarketplaceWord.In, "Joined")]
    [InlineData("Declined", MarketplaceWord.NotIn, "nothing")]
    [InlineData("Declined", MarketplaceWord.Invited, "Invited")]
    [InlineData("Declined", MarketplaceWord.HandleUnknown, "NotEligible HandleUnknown")]
    [InlineData("Declined", MarketplaceWord.OutsideRegions, "NotEligible OutsideRegions")]
    public void An_answer_leads_to(string standing, MarketplaceWord word, string expected)
    {
        var state = Standings[standing];

        var decision = MarketplaceStanding.Note(state, Creator, Finding(word, Now.AddDays(1)), Terms);

        Describe(state, decision).ShouldBe(expected);
    }

    [Theory]
    [InlineData("Invited", MarketplaceWord.NotIn)]
    [InlineData("Invited and seen", MarketplaceWord.NotIn)]
    [InlineData("Invited", MarketplaceWord.HandleUnknown)]
    [InlineData("Invited", MarketplaceWord.NotACreator)]
    public void An_invitation_that_reached_its_end_unanswered_has_expired(string standing, MarketplaceWord word)
    {
        Describe(Standings[standing], Note(standing, word, InviteEnd.AddTicks(-1))).ShouldNotBe("InviteExpired");
        Note(standing, word, InviteEnd).ShouldBe(Decision.Of(new MarketplaceInviteExpired(Creator, InviteEnd, Finding(word, InviteEnd).Evidence)));
    }

    [Fact]
    public void An_invitation_that_the_platform_still_speaks_of_outlives_our_reckoning()
    {
        Note("Invited and seen", MarketplaceWord.Invited, InviteEnd.AddDays(5)).ShouldBe(Decision.Nothing);
        Describe(Standings["Invited"], Note("Invited", MarketplaceWord.Invited, InviteEnd.AddDays(5))).ShouldBe("Invited seen");
    }

    [Fact]
    public void Whoever_joined_on_the_last_day_has_joined_and_not_expired() => Describe(Standings["Invited"], Note("Invited", MarketplaceWord.In, InviteEnd.AddDays(1))).ShouldBe("Joined");

    [Fact]
    public void Without_a_handle_the_clock_alone_ends_an_invitation()
    {
        MarketplaceStanding.NoteSilence(Standings["Invited"], InviteEnd.AddTicks(-1)).ShouldBe(Decision.Nothing);
        MarketplaceStanding.NoteSilence(Standings["Invited"], InviteEnd).ShouldBe(Decision.Of(new MarketplaceInviteExpired(Creator, InviteEnd, new("clock", null, InviteEnd, "inferred"))));
        foreach (var standing in Standings.Where(each => !each.Key.StartsWith("Invited", StringComparison.Ordinal)))
        {
            MarketplaceStanding.NoteSilence(standing.Value, InviteEnd.AddYears(1)).ShouldBe(Decision.Nothing, standing.Key);
        }
    }

    [Fact]
    public void A_refused_invitation_is_worth_another_try_after_a_while()
    {
        Note("NotEligible by invitation", MarketplaceWord.NotIn, Now.AddDays(30).AddTicks(-1)).ShouldBe(Decision.Nothing);
        Describe(Standings["NotEligible by invitation"], Note("NotEligible by invitation", MarketplaceWord.NotIn, Now.AddDays(30))).ShouldBe("NotInvited");
    }

    [Fact]
    public void An_answer_asked_for_before_what_is_known_changes_nothing_whatever_it_says()
    {
        foreach (var standing in Standings.Where(each => each.Value is not null))
        {
            foreach (var word in Enum.GetValues<MarketplaceWord>())
            {
                MarketplaceStanding.Note(standing.Value, Creator, Finding(word, Now.AddTicks(-1)), Terms).ShouldBe(Decision.Nothing, $"{standing.Key} {word}");
            }
        }
    }

    [Fact]
    public void The_same_answer_again_changes_nothing()
    {
        foreach (var standing in Standings)
        {
            foreach (var word in Enum.GetValues<MarketplaceWord>())
            {
                var finding = Finding(word, Now.AddDays(1));
                var once = After(standing.Value, MarketplaceStanding.Note(standing.Value, Creator, finding, Terms));

                MarketplaceStanding.Note(once, Creator, finding, Terms).ShouldBe(Decision.Nothing, $"{standing.Key} {word}");
            }
        }
    }

    [Fact]
    public void A_change_says_where_it_came_from_and_on_what_evidence() =>
        Note("Declined", MarketplaceWord.In, Now.AddDays(1)).ShouldBe(Decision.Of(new MarketplaceJoined(Creator, "Declined", new("status", "In", Now.AddDays(1), "confirmed"))));

    [Fact]
    public void A_declined_invitation_is_inferred_and_says_so() =>
        Note("Invited and seen", MarketplaceWord.NotIn, Now.AddDays(1)).ShouldBe(Decision.Of(new MarketplaceDeclined(Creator, new("status", "NotIn", Now.AddDays(1), "inferred"))));

    [Fact]
    public void An_event_of_a_newer_version_leaves_the_state_alone() => MarketplaceStanding.Fold(Standings["Joined"], new object()).ShouldBe(Standings["Joined"]);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_is_answered_in_whatever_order_each_change_begins_where_the_last_one_ended(int seed)
    {
        var random = new Random(seed);
        for (var life = 0; life < 500; life++)
        {
            MarketplaceStanding? state = null;
            for (var step = 0; step < 25; step++)
            {
                var finding = new MarketplaceFinding(
                    random.GetItems(Enum.GetValues<MarketplaceWord>(), 1)[0],
                    [MarketplaceReason.Rejected],
                    new(random.GetItems(["status", "invitation"], 1)[0], null, Now.AddDays(random.Next(-5, 120)), "confirmed"));
                var before = state;
                var decision = MarketplaceStanding.Note(state, Creator, finding, Terms);
                state = After(state, decision);

                if (decision is not Decision.Recorded { Events: [var change] })
                {
                    (decision, state).ShouldBe((Decision.Nothing, before));
                    continue;
                }

                // What the others are told of before and after is a chain without gaps, and never a change to the same again.
                (FromOf(change) ?? "unknown").ShouldBe(before?.Status.ToString() ?? "unknown");
                (change is MarketplaceInvitationSeen || before is null || before.Status != state!.Status || !before.Reasons.SequenceEqual(state.Reasons)).ShouldBeTrue($"{before} {finding}");
                state!.Evidence.At.ShouldBeGreaterThanOrEqualTo(before?.Evidence.At ?? DateTimeOffset.MinValue);
                (finding.Word is MarketplaceWord.In).ShouldBe(state.Status is MarketplaceStatus.Joined);
            }
        }

        static string? FromOf(object change) => change switch
        {
            MarketplaceEligibilityFound e => e.From,
            MarketplaceInvited e => e.From,
            MarketplaceJoined e => e.From,
            MarketplaceLeft => "Joined",
            _ => "Invited",
        };
    }

    [Theory]
    [InlineData("Unknown", "Invited")]
    [InlineData("NotInvited", "Invited")]
    [InlineData("NotEligible by status", "nothing")]
    [InlineData("NotEligible by invitation", "nothing")]
    [InlineData("Invited", "nothing")]
    [InlineData("Invited and seen", "nothing")]
    [InlineData("InviteExpired", "Invited")]
    [InlineData("Joined", "nothing")]
    [InlineData("Declined", "Invited")]
    public void A_message_with_a_campaigns_link_asks_whoever_can_be_asked(string standing, string expected)
    {
        var state = Standings[standing];
        Describe(state, MarketplaceStanding.NoteMessage(state, Creator, Now.AddDays(1), Terms)).ShouldBe(expected);
    }

    [Fact]
    public void A_message_is_our_word_and_not_the_platforms() => MarketplaceStanding.NoteMessage(Standings["NotInvited"], Creator, Now, Terms)
        .ShouldBe(Decision.Of(new MarketplaceInvited(Creator, "NotInvited", Now.AddDays(30), new("outreach", null, Now, "inferred"))));

    [Fact]
    public void A_message_after_the_end_of_an_invitation_that_nobody_looked_at_ends_it_and_invites_again() =>
        MarketplaceStanding.NoteMessage(Standings["Invited"], Creator, Now.AddDays(31), Terms).ShouldBeOfType<Decision.Recorded>().Events.Select(fact => fact.GetType())
            .ShouldBe([typeof(MarketplaceInviteExpired), typeof(MarketplaceInvited)]);

    [Fact]
    public void A_message_that_is_told_of_after_newer_news_changes_nothing() =>
        MarketplaceStanding.NoteMessage(Standings["Declined"], Creator, Now.AddSeconds(-1), Terms).ShouldBe(Decision.Nothing);

    [Fact]
    public void One_organization_and_creator_have_one_stream()
    {
        MarketplaceStanding.IdOf("aurora", Creator).ShouldBe(MarketplaceStanding.IdOf("aurora", Creator));
        Guid[] ids = [MarketplaceStanding.IdOf("aurora", Creator), MarketplaceStanding.IdOf("borealis", Creator), Connection.IdOf("aurora", Creator, "tiktok"), MarketplaceLink.IdOf("aurora", Creator)];
        ids.ShouldBeUnique();
    }

    [Fact]
    public void One_link_is_made_at_a_time_and_one_in_all()
    {
        var requested = new MarketplaceLinkRequested(Creator, "CAMPAIGN", Now);
        var created = new MarketplaceLinkCreated("C1", "https://link.example", ["ES"], [Creator], [], [], Now);

        MarketplaceLink.Request(null, Creator, "CAMPAIGN", Now).ShouldBe(Decision.Of(requested));
        MarketplaceLink.Request(Link(requested), Creator, "CAMPAIGN", Now.AddSeconds(59)).ShouldBeOfType<Decision.Refused>().Code.ShouldBe("marketplace-link.under-way");
        MarketplaceLink.Request(Link(requested), Creator, "CAMPAIGN", Now.AddMinutes(1)).ShouldBe(Decision.Of(requested with { At = Now.AddMinutes(1) }));
        MarketplaceLink.Request(Link(requested, new MarketplaceLinkRefused("40100", Now)), Creator, "CAMPAIGN", Now).ShouldBe(Decision.Of(requested));
        MarketplaceLink.Request(Link(requested, created), Creator, "CAMPAIGN", Now.AddYears(1)).ShouldBe(Decision.Nothing);
        Link(requested, created)!.Created.ShouldBe(created);
    }

    private static Decision Note(string standing, MarketplaceWord word, DateTimeOffset at) => MarketplaceStanding.Note(Standings[standing], Creator, Finding(word, at), Terms);

    private static MarketplaceFinding Finding(MarketplaceWord word, DateTimeOffset at) =>
        new(word, word is MarketplaceWord.Rejected ? [MarketplaceReason.Underage] : [], new("status", word.ToString(), at, "confirmed"));

    private static Evidence Because(string source, string code) => new(source, code, Now, "confirmed");

    private static MarketplaceStanding? Standing(params object[] events) => StreamFold<MarketplaceStanding>.Of(events);

    private static MarketplaceLink? Link(params object[] events) => StreamFold<MarketplaceLink>.Of(events);

    private static MarketplaceStanding? After(MarketplaceStanding? state, Decision decision) =>
        decision is Decision.Recorded recorded ? StreamFold<MarketplaceStanding>.Of(recorded.Events, state) : state;

    private static string Describe(MarketplaceStanding? state, Decision decision) => decision switch
    {
        Decision.Recorded { Events: [MarketplaceInvitationSeen] } => $"{After(state, decision)!.Status} seen",
        Decision.Recorded => string.Join(' ', [After(state, decision)!.Status.ToString(), .. After(state, decision)!.Reasons]),
        _ => "nothing",
    };
}
