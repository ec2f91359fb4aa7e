using Campaigns.Import;
using EventSourcing;
using Shouldly;

namespace Campaigns.Tests.Decisions;

public sealed class RosterPlanTests
{
    private static readonly Guid New = new("0190a000-0000-7000-8000-00000000000f");
    private static readonly CreatorProfile Ana = CreatorProfile.Of(
        new("0190a000-0000-7000-8000-000000000001"), "Ana", "ana@example.com", "pt-BR", new Dictionary<string, string?> { ["instagram"] = "ana" });

    [Fact]
    public void Whoever_is_not_known_is_registered()
    {
        var planned = Plan(Row(2) with { Name = "Bo", Email = "Bo@example.com", TimeZone = "Europe/Lisbon" }).Creators.ShouldHaveSingleItem();
        (planned.Id, planned.IsNew, planned.Profile!.Email, planned.Profile.TimeZone, planned.Profile.Locale).ShouldBe((New, true, "Bo@example.com", "Europe/Lisbon", "en"));
        RosterPlan.Decide(null, planned).Then(new CreatorAdmitted(New));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whoever_is_known_by_address_or_id_is_left_alone_where_the_row_says_nothing_new(bool update)
    {
        Plan(update, Row(2) with { Email = "ANA@example.com", Locale = "pt-BR" }).Creators.ShouldBe([new(2, Ana.Id, null, false)]);
        Plan(update, Row(2) with { CreatorId = Ana.Id.ToString("N") }).Creators.ShouldBe([new(2, Ana.Id, null, false)]);
    }

    [Fact]
    public void Known_profiles_change_only_where_it_is_asked_for_and_blank_cells_change_nothing()
    {
        var row = Row(2) with { Email = "ana@example.com", Name = "Ana Lima", Handles = new Dictionary<string, string?> { ["tiktok"] = "@analima" } };
        Plan(row).Creators.ShouldBe([new(2, Ana.Id, null, false)]);

        var planned = Plan(update: true, row).Creators.ShouldHaveSingleItem();
        var profile = planned.Profile!;
        (planned.IsNew, profile.Name, profile.Email, profile.Locale, profile.Revision).ShouldBe((false, "Ana Lima", "ana@example.com", "pt-BR", 2));
        profile.Handles.ShouldBe(new Dictionary<string, string> { ["instagram"] = "ana", ["tiktok"] = "analima" });
        RosterPlan.Decide(new(Ana.Id, 1), planned).Then(new CreatorAmended(Ana.Id));
        RosterPlan.Decide(new(Ana.Id, 2), planned).ThenRefused(RefusalKind.LostRace, "version.stale");
    }

    [Fact]
    public void A_row_that_names_somebody_by_id_never_moves_an_address()
    {
        var planned = Plan(update: true, Row(2) with { CreatorId = Ana.Id.ToString(), Email = "other@example.com", Name = "Ana Lima" }).Creators.ShouldHaveSingleItem();
        (planned.Id, planned.Profile!.Email, planned.Profile.Name).ShouldBe((Ana.Id, "ana@example.com", "Ana Lima"));
    }

    [Fact]
    public void The_first_row_of_a_creator_counts_and_the_others_are_told()
    {
        var plan = Plan(
            Row(2) with { Email = "ana@example.com" }, Row(3) with { CreatorId = Ana.Id.ToString() },
            Row(4) with { Name = "Bo", Email = "bo@example.com" }, Row(5) with { Name = "Bo", Email = "BO@example.com" });
        plan.Creators.Select(creator => creator.Line).ShouldBe([2, 4]);
        plan.Rejected.Select(row => (row.Line, row.Column, row.Code)).ShouldBe([(3, "creatorid", "csv.row-repeated"), (5, "email", "csv.row-repeated")]);
        plan.Rejected[0].Reason.ShouldContain("Line 2");

        var later = RosterPlan.Of([Row(700) with { Email = "ana@example.com" }], [Ana], new Dictionary<Guid, int> { [Ana.Id] = 2 }, false, () => New);
        later.Rejected.ShouldHaveSingleItem().Reason.ShouldContain("Line 2");
    }

    [Theory]
    [InlineData(null, "ana@", null, null, "name", "name.invalid")]
    [InlineData("Bo", "bo", null, null, "email", "email.invalid")]
    [InlineData("Bo", null, null, null, "email", "email.invalid")]
    [InlineData("Bo", "bo@example.com", "english", null, "locale", "locale.invalid")]
    [InlineData("Bo", "bo@example.com", null, "Mars/Olympus", "timezone", "timezone.unknown")]
    public void What_cannot_be_right_is_told_by_its_column(string? name, string? email, string? locale, string? timeZone, string column, string code)
    {
        var plan = Plan(Row(7) with { Name = name, Email = email, Locale = locale, TimeZone = timeZone });
        plan.Creators.ShouldBeEmpty();
        var rejected = plan.Rejected.ShouldHaveSingleItem();
        (rejected.Line, rejected.Column, rejected.Code).ShouldBe((7, column, code));
    }

    [Fact]
    public void A_handle_that_cannot_be_right_is_told_by_its_column()
    {
        var rejected = Plan(Row(2) with { Name = "Bo", Email = "bo@example.com", Handles = new Dictionary<string, string?> { ["youtube"] = "bo li" } }).Rejected.ShouldHaveSingleItem();
        (rejected.Column, rejected.Code).ShouldBe(("youtube", "handle.invalid"));
    }

    [Theory]
    [InlineData("7")]
    [InlineData("0190a000-0000-7000-8000-0000000000ff")]
    public void An_id_that_is_nobodys_here_is_told(string id)
    {
        var rejected = Plan(Row(2) with { CreatorId = id, Name = "Bo", Email = "bo@example.com" }).Rejected.ShouldHaveSingleItem();
        (rejected.Column, rejected.Code).ShouldBe(("creatorid", "creator.unknown"));
    }

    private static ImportRow Row(int line) => new(line, null, null, null, null, null, new Dictionary<string, string?>());

    private static RosterPlan Plan(params ImportRow[] rows) => Plan(false, rows);

    private static RosterPlan Plan(bool update, params ImportRow[] rows) => RosterPlan.Of(rows, [Ana], new Dictionary<Guid, int>(), update, () => New);
}
