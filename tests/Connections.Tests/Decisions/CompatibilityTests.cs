using Shouldly;
using Xunit;

namespace Connections.Tests.Decisions;

/// <summary>The table of conditions: one row, one fact changed from a creator for whom everything is well.</summary>
public sealed class CompatibilityTests
{
    private static readonly MarketplaceLinkCreated Created = new("C1", "https://link.example", ["ES", "SE"], [], [], [], Given.Now);
    private static readonly MarketplaceLink Link = new(Guid.Empty, Guid.Empty, MarketplaceLink.CampaignType, null, Created);
    private static readonly CompatibilityFacts Well = new(MarketplaceStatus.Joined, Link, false, ["user.info.basic", "tto.campaign.link"], "ES", []);

    public static TheoryData<string, CompatibilityFacts, string?, bool?, string> Table => new()
    {
        { "everything is well", Well, null, null, "Compatible" },
        { "never checked", Well with { Status = null }, "marketplace-membership", null, "Unknown" },
        { "not invited", Well with { Status = MarketplaceStatus.NotInvited }, "marketplace-membership", false, "NotCompatible" },
        { "invited", Well with { Status = MarketplaceStatus.Invited }, "marketplace-membership", false, "NotCompatible" },
        { "invitation expired", Well with { Status = MarketplaceStatus.InviteExpired }, "marketplace-membership", false, "NotCompatible" },
        { "declined", Well with { Status = MarketplaceStatus.Declined }, "marketplace-membership", false, "NotCompatible" },
        { "not eligible", Well with { Status = MarketplaceStatus.NotEligible }, "marketplace-membership", false, "NotCompatible" },
        { "a link that asks for no membership", Well with { Status = MarketplaceStatus.NotInvited, Link = Link with { Type = MarketplaceLink.BrandLinkType } }, null, null, "Compatible" },
        { "not connected", Well with { Scopes = null }, "campaign-link-scope", false, "NotCompatible" },
        { "scope not granted", Well with { Scopes = ["user.info.basic"] }, "campaign-link-scope", false, "NotCompatible" },
        { "another country", Well with { Country = "US" }, "country", false, "NotCompatible" },
        { "country in another case", Well with { Country = "se" }, null, null, "Compatible" },
        { "country unknown", Well with { Country = null }, "country", null, "Unknown" },
        { "open to every country", Well with { Country = null, Link = Link with { Created = Created with { CountryCodes = [] } } }, null, null, "Compatible" },
        { "handle failed", Well with { IsFailed = true }, "handle-accepted", false, "NotCompatible" },
        { "not named when the link was made", Well with { IsFailed = null }, null, null, "Compatible" },
        { "no marketplace creator", Well with { Refusals = ["40121"] }, "not-refused", false, "NotCompatible" },
        { "outside the regions", Well with { Refusals = ["40122"] }, "not-refused", false, "NotCompatible" },
        { "another code", Well with { Refusals = ["40100"] }, null, null, "Compatible" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void A_condition_fails_alone_and_decides(string row, CompatibilityFacts facts, string? condition, bool? isMet, string verdict)
    {
        var conditions = Compatibility.Of(facts);

        conditions.Select(each => each.Name).ShouldBe(["marketplace-membership", "campaign-link-scope", "country", "handle-accepted", "not-refused"], row);
        conditions.Where(each => each.IsMet is not true).Select(each => (each.Name, each.IsMet)).ShouldBe(condition is null ? [] : [(condition, isMet)], row);
        conditions.ShouldAllBe(each => each.Explanation.EndsWith('.'));
        Compatibility.Verdict(conditions).ShouldBe(verdict, row);
    }

    [Fact]
    public void Without_a_link_country_and_handle_are_not_known() =>
        Compatibility.Of(Well with { Link = null, IsFailed = null }).Where(each => each.IsMet is null).Select(each => each.Name).ShouldBe(["country", "handle-accepted"]);

    [Fact]
    public void What_is_not_met_outweighs_what_is_not_known() =>
        Compatibility.Verdict(Compatibility.Of(Well with { Link = null, IsFailed = null, Scopes = null })).ShouldBe("NotCompatible");
}
