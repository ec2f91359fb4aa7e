using System.Text.RegularExpressions;

namespace Demo.Tests;

public sealed partial class PlanTests
{
    private readonly Plan plan = Plan.Make();

    [Fact]
    public void Every_run_plans_the_same()
    {
        var again = Plan.Make();
        again.Creators.Select(Told).ShouldBe(plan.Creators.Select(Told));

        static string Told(PlannedCreator creator) => string.Join(
            ' ', (IEnumerable<object>)[creator.Number, creator.Name, creator.Email, creator.Locale, .. creator.Handles, .. creator.Campaigns, creator.IsInvited,
                .. creator.Fates]);
    }

    [Fact]
    public void Nobody_shares_an_address_or_a_handle()
    {
        plan.Creators.Count.ShouldBe(190);
        plan.Creators.Select(creator => creator.Email).ShouldBeUnique();
        plan.Creators.Select(creator => creator.Name).ShouldBeUnique();
        foreach (var platform in (string[])["instagram", "youtube", "tiktok"])
        {
            plan.Creators.Where(creator => creator.Handles.ContainsKey(platform)).Select(creator => creator.Handles[platform]).ShouldBeUnique();
        }
    }

    [Fact]
    public void Addresses_lead_nowhere_and_handles_are_what_platforms_take()
    {
        // RFC 2606: nobody can own these.
        plan.Creators.ShouldAllBe(creator => Address().IsMatch(creator.Email));
        plan.Creators.SelectMany(creator => creator.Handles.Values).ShouldAllBe(handle => Handle().IsMatch(handle));
    }

    [Fact]
    public void Every_creator_is_on_a_campaign_and_every_campaign_has_creators()
    {
        plan.Creators.ShouldAllBe(creator => creator.Campaigns.Count > 0 && creator.Campaigns.All(campaign => campaign < plan.Campaigns.Count));
        foreach (var campaign in Enumerable.Range(0, plan.Campaigns.Count))
        {
            plan.Creators.Count(creator => creator.Campaigns.Contains(campaign)).ShouldBeGreaterThanOrEqualTo(20);
        }
    }

    [Fact]
    public void Every_status_occurs_in_a_sensible_share()
    {
        // A cell of a campaign's table of creators: one creator, one platform the campaign asks for.
        var cells = plan.Creators.SelectMany(creator => creator.Campaigns
            .SelectMany(campaign => plan.Campaigns[campaign].RequiredConnections)
            .Select(type => type[..^"Insights".Length].ToLowerInvariant())
            .Distinct()
            .Select(platform => creator.Fates.GetValueOrDefault(platform, Fate.Waits))).ToArray();
        Share(Fate.Stays).ShouldBe(.45, .05);
        Share(Fate.RunsOut).ShouldBe(.09, .025);
        Share(Fate.Leaves).ShouldBe(.10, .03);
        Share(Fate.Denies, Fate.Unticks, Fate.Waits).ShouldBe(.36, .05);

        double Share(params Fate[] fates) => cells.Count(fates.Contains) / (double)cells.Length;
    }

    [Fact]
    public void Only_who_was_invited_goes_to_the_Creator_Hub() =>
        plan.Creators.Where(creator => !creator.IsInvited).SelectMany(creator => creator.Fates.Values).Distinct().ShouldBe([Fate.Waits]);

    [GeneratedRegex(@"^[a-z0-9]+\.[a-z0-9]+@(example\.(com|org|net)|[a-z]+\.example)$")]
    private static partial Regex Address();

    [GeneratedRegex("^[a-z0-9][a-z0-9._-]{0,59}$")]
    private static partial Regex Handle();
}
