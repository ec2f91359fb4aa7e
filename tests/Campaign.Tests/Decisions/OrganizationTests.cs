using Campaigns.Features;
using EventSourcing;

namespace Campaigns.Tests.Decisions;

public sealed class OrganizationTests
{
    [Fact]
    public void An_organization_chooses_its_name() =>
        Given.Nothing<Organization>().When(state => NameOrganization.Decide(state, new("aurora", "Aurora Talent")))
            .Then(new NameChosen("aurora", "Aurora Talent"));

    [Fact]
    public void Another_name_replaces_the_first() =>
        Given.Events<Organization>(new NameChosen("aurora", "Aurora")).When(state => NameOrganization.Decide(state, new("aurora", "Aurora Talent")))
            .Then(new NameChosen("aurora", "Aurora Talent"));

    [Fact]
    public void The_name_it_already_has_changes_nothing() =>
        Given.Events<Organization>(new NameChosen("aurora", "Old"), new NameChosen("aurora", "Aurora"))
            .When(state => NameOrganization.Decide(state, new("aurora", "Aurora"))).ThenNothing();

    [Theory]
    [InlineData("")]
    [InlineData("two\nlines")]
    public void A_name_that_is_empty_or_breaks_the_line_is_refused(string name) =>
        Given.Nothing<Organization>().When(state => NameOrganization.Decide(state, new("aurora", name)))
            .ThenRefused(RefusalKind.InvalidValue, "name.invalid", "name");

    [Fact]
    public void A_name_may_have_200_characters_and_no_more()
    {
        var longest = new string('x', 200);
        Given.Nothing<Organization>().When(state => NameOrganization.Decide(state, new("aurora", longest))).Then(new NameChosen("aurora", longest));
        Given.Nothing<Organization>().When(state => NameOrganization.Decide(state, new("aurora", longest + "x")))
            .ThenRefused(RefusalKind.InvalidValue, "name.invalid", "name");
    }
}
