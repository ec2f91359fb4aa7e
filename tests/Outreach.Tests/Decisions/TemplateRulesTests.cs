namespace Outreach.Tests.Decisions;

public sealed class TemplateRulesTests
{
    private const string Link = "{{ invitation.url }}";

    public static TheoryData<string> BuiltInKeys => [.. Template.BuiltIn.Select(template => template.Key)];

    [Theory]
    [MemberData(nameof(BuiltInKeys))]
    public void The_built_in_templates_pass_the_rules_unchanged(string key)
    {
        var template = Template.Find(key)!;
        var draft = TemplateRules.Check(template.Words, template.Audience);
        draft.Flaws.ShouldBeEmpty();
        draft.Removed.ShouldBeEmpty();
        // The parser names the body that every table has.
        var html = template.Words.Html!.Trim().Replace("<tr>", "<tbody><tr>").Replace("</tr>", "</tr></tbody>");
        draft.Text.ShouldBe(template.Words with { Html = html });
    }

    [Theory]
    [InlineData("Hi\n  {{ creator.firstName", "template.syntax", 2, 3)]
    [InlineData("Hi\n{% if creator.name %}Ana", "template.syntax", 2, 25)]
    [InlineData("Hi {{ creator. }}", "template.syntax", 1, 14)]
    [InlineData("Hi {{ }}", "template.syntax", 1, 6)]
    [InlineData("Hi {{ creator.name | }}", "template.syntax", 1, 21)]
    [InlineData("Hi\n\n {% endif %}", "template.syntax", 3, 10)]
    [InlineData("{{ creator.name \"a\\\" }}", "template.syntax", 1, 1)]
    [InlineData("Hi\n{% include 'secrets' %}", "template.tag-unknown", 2, 1)]
    [InlineData("{% for i in (1..100000000) %}x{% endfor %}", "template.tag-unknown", 1, 1)]
    [InlineData("{% assign a = 'x' %}", "template.tag-unknown", 1, 1)]
    [InlineData("{% raw %}{% endraw %}", "template.tag-unknown", 1, 1)]
    [InlineData("Hi {{ creator.name | upcase | raw }}", "template.filter-unknown", 1, 31)]
    [InlineData("Hi,\nyour size is {{ creator.shoeSize }}", "template.field-unknown", 2, 17)]
    [InlineData("{% if creator.shoeSize == 'L' %}{% endif %}", "template.field-unknown", 1, 7)]
    [InlineData("{{ shoeSize }}", "template.field-unknown", 1, 4)]
    [InlineData("{{ creator['name'] }}", "template.field-unknown", 1, 4)]
    [InlineData("{{ creator.name.size }}", "template.field-unknown", 1, 4)]
    [InlineData("{{ marketplace.inviteUrl }}", "template.field-unavailable", 1, 4)]
    [InlineData("a\0b", "template.characters-invalid", 1, 2)]
    public void What_is_wrong_is_told_with_line_and_column(string text, string code, int line, int column)
    {
        var flaw = Flaws(text: text).Where(flaw => flaw.Code != "template.link-missing").ShouldHaveSingleItem();
        (flaw.Member, flaw.Code, flaw.Line, flaw.Column).ShouldBe(("text", code, line, column), flaw.Message);
        flaw.Message.ShouldMatch("[.?]$");
    }

    [Fact]
    public void Every_place_and_every_member_is_told_at_once() =>
        Flaws("{{ creator.age }}", $"{{{{ creator.age }}}} {Link}\n{{{{ creator.age }}}}", $"<p>{{{{ creator.age }}}} {Link}</p>")
            .Select(flaw => (flaw.Member, flaw.Line, flaw.Column)).ShouldBe([("subject", 1, 4), ("text", 1, 4), ("text", 2, 4), ("html", 1, 7)]);

    [Fact]
    public void A_field_in_the_wrong_case_is_told_its_right_name() =>
        Flaws(text: $"{{{{ creator.firstname }}}} {Link}").ShouldHaveSingleItem().Message.ShouldBe("There is no merge field creator.firstname. Did you mean creator.firstName?");

    [Theory]
    [InlineData(Audience.YetToOptIn, "{{ invitation.url }}")]
    [InlineData(Audience.HasLostAccess, "{{ invitation.url }}")]
    [InlineData(Audience.MarketplaceInvitee, "{{ marketplace.inviteUrl }}")]
    public void A_message_carries_the_link_it_is_about(Audience audience, string link)
    {
        TemplateRules.Check(new("Hi", $"Go to {link}", $"<a href=\"{link}\">Go</a>"), audience).Flaws.ShouldBeEmpty();
        TemplateRules.Check(new("Hi", "Go", "<p>Go</p>"), audience).Flaws.Select(flaw => (flaw.Member, flaw.Code))
            .ShouldBe([("text", "template.link-missing"), ("html", "template.link-missing")]);
    }

    [Fact]
    public void A_link_that_sanitising_takes_away_is_missing() =>
        Flaws(html: "<form action=\"x\">{{ invitation.url }}</form><p>Go</p>").ShouldHaveSingleItem().Code.ShouldBe("template.link-missing");

    [Theory]
    [InlineData("", Link, null, "subject", "template.empty")]
    [InlineData("Hi\nBcc: all@example.com", Link, null, "subject", "template.subject-not-one-line")]
    [InlineData("Hi", " \n", null, "text", "template.empty")]
    [InlineData("Hi", Link, "<script>alert(1)</script>", "html", "template.empty")]
    public void What_cannot_be_a_message_is_told(string subject, string text, string? html, string member, string code)
    {
        var flaw = Flaws(subject, text, html).ShouldHaveSingleItem();
        (flaw.Member, flaw.Code).ShouldBe((member, code));
    }

    [Fact]
    public void What_is_too_long_is_told()
    {
        Flaws(subject: new('x', 201)).ShouldHaveSingleItem().Code.ShouldBe("template.too-long");
        Flaws(text: Link + new string('x', 20_000)).ShouldHaveSingleItem().Code.ShouldBe("template.too-long");
        Flaws(html: Link + new string('x', 50_000)).ShouldHaveSingleItem().Code.ShouldBe("template.too-long");
    }

    [Theory]
    [InlineData("{{ creator.name[", "x]")]
    [InlineData("{% if creator.name %}", "")]
    [InlineData("{{ creator.name", " | upcase")]
    public void Liquid_as_deep_as_it_is_long_is_refused_before_it_is_read(string open, string more)
    {
        var text = Link + string.Concat(Enumerable.Repeat(open, 700)) + string.Concat(Enumerable.Repeat(more, 700));
        Flaws(text: text).ShouldHaveSingleItem().Code.ShouldBeOneOf("template.syntax", "template.too-deep");
    }

    [Fact]
    public void The_largest_template_that_may_be_saved_can_be_rendered()
    {
        var text = string.Concat(Enumerable.Repeat("{% if creator.name %}x{% endif %}\n", LiquidTokens.MaxCount / 2 - 1)) + Link;
        var words = TemplateRules.Check(new("Hi", text, null), Audience.YetToOptIn);
        words.Flaws.ShouldBeEmpty();
        new Template("own", "Own", Audience.YetToOptIn, words.Text).Write(MergeField.Examples(new("https://hub.example/i/preview")))
            .Text.ShouldEndWith("x\nhttps://hub.example/i/preview");
    }

    private static IReadOnlyList<TemplateFlaw> Flaws(string subject = "Hi", string text = Link, string? html = null) =>
        TemplateRules.Check(new(subject, text, html), Audience.YetToOptIn).Flaws;
}
