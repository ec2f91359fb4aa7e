using EventSourcing;
using Outreach.Features;

namespace Outreach.Tests.Decisions;

public sealed class SenderSettingsTests
{
    private static readonly string[] Domains = ["mail.example", "aurora.example"];

    [Theory]
    [InlineData("address", "sender.address-invalid", "not an address")]
    [InlineData("address", "sender.address-invalid", "Maya <maya@aurora.example>")]
    [InlineData("address", "sender.domain-not-allowed", "maya@elsewhere.example")]
    [InlineData("replyTo", "sender.address-invalid", "maya")]
    [InlineData("copyTo", "sender.address-invalid", "a@b.example, c@d.example")]
    [InlineData("name", "sender.name-invalid", "Aurora\r\nBcc: x@y.example")]
    [InlineData("quietFrom", "sender.quiet-hours-invalid", "25:00")]
    [InlineData("quietUntil", "sender.quiet-hours-invalid", "7:00")]
    [InlineData("timeZone", "sender.time-zone-unknown", "Mars/Olympus")]
    public void A_value_that_cannot_be_used_is_refused_with_its_name(string member, string code, string value)
    {
        var request = member switch
        {
            "address" => new ChangeSenderSettings.Request(Address: value),
            "replyTo" => new(ReplyTo: value),
            "copyTo" => new(CopyTo: value),
            "name" => new(Name: value),
            "quietFrom" => new(QuietFrom: value, QuietUntil: "07:00"),
            "quietUntil" => new(QuietFrom: "21:00", QuietUntil: value),
            _ => new(TimeZone: value),
        };
        Refused(request, member, code);
    }

    [Fact]
    public void A_pace_has_bounds_and_quiet_hours_have_two_ends()
    {
        Refused(new(PerMinute: 0), "perMinute", "sender.pace-invalid");
        Refused(new(PerMinute: 60_001), "perMinute", "sender.pace-invalid");
        Refused(new(DailyCap: 0), "dailyCap", "sender.pace-invalid");
        Refused(new(DailyCap: 10_000_001), "dailyCap", "sender.pace-invalid");
        Refused(new(QuietFrom: "21:00"), "quietUntil", "sender.quiet-hours-invalid");
        Refused(new(QuietUntil: "21:00"), "quietFrom", "sender.quiet-hours-invalid");
        Refused(new(QuietFrom: "21:00", QuietUntil: "21:00"), "quietUntil", "sender.quiet-hours-invalid");
    }

    [Fact]
    public void A_change_is_recorded_by_the_names_of_the_members_alone()
    {
        var wanted = SenderRow.Default with { Address = "maya@AURORA.example", PerMinute = 60 };
        var recorded = Decide(null, new(Address: wanted.Address, PerMinute: 60), wanted).ShouldBeOfType<Decision.Recorded>().Events.ShouldHaveSingleItem()
            .ShouldBeOfType<SenderSettingsChanged>();
        recorded.Members.ShouldBe(["address", "perMinute"]);
        (recorded.SettingsId, recorded.Revision, recorded.ChangedBy).ShouldBe((SenderSettings.IdOf("aurora"), 1, "maya"));
    }

    [Fact]
    public void What_is_as_it_was_is_no_change() => new Given<SenderSettings>().When(state => Decide(state, new(), SenderRow.Default)).ThenNothing();

    private static void Refused(ChangeSenderSettings.Request request, string member, string code)
    {
        var refusal = Decide(null, request, SenderRow.Default).ShouldBeOfType<Decision.Refused>();
        (refusal.Kind, refusal.Field, refusal.Code).ShouldBe((RefusalKind.InvalidValue, member, code));
        refusal.Detail.ShouldEndWith(".");
    }

    private static Decision Decide(SenderSettings? state, ChangeSenderSettings.Request request, SenderRow wanted) =>
        ChangeSenderSettings.Decide(state, "aurora", SenderRow.Default, wanted, request, Domains, "maya");
}
