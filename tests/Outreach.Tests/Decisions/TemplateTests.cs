namespace Outreach.Tests.Decisions;

public sealed class TemplateTests
{
    private static readonly KnownCampaign Campaign = new(Guid.CreateVersion7(), "Summer <3 & Sun", ["InstagramInsights"], 1);
    private static readonly Uri Link = new("http://localhost:5101/hub/i/token");

    [Fact]
    public void The_built_in_templates_are_these_three() =>
        Template.BuiltIn.Select(template => (template.Key, template.Name)).ShouldBe(
        [
            ("creator-hub-invitation", "Creator Hub invitation"), ("ttcm-invite-link", "TTCM invite link"), ("reconnect-request", "Reconnect request"),
        ]);

    [Theory]
    [InlineData("creator-hub-invitation")]
    [InlineData("reconnect-request")]
    public void A_letter_names_creator_organization_and_campaign_and_carries_the_link(string key)
    {
        var letter = Compose(Template.Find(key)!, new(Guid.CreateVersion7(), "Ana Lima", "ana@example.com", "pt-BR")).Letter.ShouldNotBeNull();
        letter.Subject.ShouldStartWith("Ana, ");
        letter.Subject.ShouldEndWith("Summer <3 & Sun");
        foreach (var expected in (string[])["Hi Ana", "Aurora Collective", "Summer <3 & Sun", Link.ToString(), "11 May 2026"])
        {
            letter.Text.ShouldContain(expected);
        }

        foreach (var expected in (string[])["Hi Ana", "Aurora Collective", "Summer &lt;3 &amp; Sun", $"href=\"{Link}\"", "11 May 2026"])
        {
            letter.Html.ShouldContain(expected);
        }
    }

    [Fact]
    public void A_name_cannot_bring_markup_into_the_letter() =>
        Compose(Template.Find("creator-hub-invitation")!, new(Guid.CreateVersion7(), "<b>Ana</b>", "ana@example.com", null)).Letter.ShouldNotBeNull()
            .Html.ShouldContain("Hi &lt;b&gt;Ana&lt;/b&gt;");

    [Fact]
    public void A_line_break_cannot_bring_a_second_header_into_the_subject() =>
        Template.Find("creator-hub-invitation")!.Write(new Dictionary<string, string?>
        {
            ["creator.firstName"] = "Ana",
            ["campaign.name"] = "Summer\r\nBcc: all@example.com",
        })
            .Subject.ShouldBe("Ana, connect your accounts for Summer Bcc: all@example.com");

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    public void An_empty_merge_field_stops_the_recipient(string? name) =>
        Compose(Template.Find("creator-hub-invitation")!, new(Guid.CreateVersion7(), name, "ana@example.com", null)).ShouldBe(new(null, "merge-field-empty"));

    [Fact]
    public void An_unknown_merge_field_stops_the_recipient()
    {
        var template = new Template("own", "Own", Audience.YetToOptIn, new("Hi", "{{ creator.shoeSize }}", "<p>Hi</p>"));
        template.Fields[0].ShouldBe("creator.shoeSize");
        Compose(template, new(Guid.CreateVersion7(), "Ana Lima", "ana@example.com", null)).ShouldBe(new(null, "merge-field-empty"));
    }

    [Theory]
    [InlineData("{{ creator.firstName | default: \"there\" }}", "there")]
    [InlineData("{% if creator.firstName %}{{ creator.firstName }}{% else %}you{% endif %}", "you")]
    [InlineData("{% unless creator.firstName %}you{% endunless %}", "you")]
    public void An_empty_merge_field_that_is_provided_for_stops_nobody(string text, string expected)
    {
        var template = new Template("own", "Own", Audience.YetToOptIn, new("Hi", text, "<p>Hi</p>"));
        Compose(template, new(Guid.CreateVersion7(), null, "ana@example.com", null)).Letter.ShouldNotBeNull().Text.ShouldBe(expected);
    }

    [Fact]
    public void A_letter_without_html_of_its_own_gets_it_from_the_text()
    {
        var template = new Template("own", "Own", Audience.YetToOptIn, new(
            "Hi", "Hi {{ creator.firstName }} & <friends>,\n\nsee {{ invitation.url }}\nor https://aurora.example/a?b=1&c=2\nor https://aurora.example.\n", null));
        var html = Compose(template, new(Guid.CreateVersion7(), "Ana Lima", "ana@example.com", null)).Letter.ShouldNotBeNull().Html;
        html.ShouldContain("Hi Ana &amp; &lt;friends&gt;,</p>\n<p style=\"margin:0 0 16px 0;\">see ");
        html.ShouldContain($"<a href=\"{Link}\" style=\"color:#0f766e;\">{Link}</a><br>\nor ");
        html.ShouldContain("<a href=\"https://aurora.example/a?b=1&amp;c=2\" style=\"color:#0f766e;\">https://aurora.example/a?b=1&amp;c=2</a><br>\nor ");
        html.ShouldContain("<a href=\"https://aurora.example\" style=\"color:#0f766e;\">https://aurora.example</a>.</p>");
        html.ShouldEndWith("</html>\n");
    }

    [Theory]
    [InlineData(Audience.YetToOptIn)]
    [InlineData(Audience.HasLostAccess)]
    public void Every_merge_field_that_is_offered_has_a_value(Audience audience)
    {
        var offered = MergeField.All.Where(field => field.Audiences.Contains(audience)).Select(field => $"{{{{ {field.Name} }}}}");
        var template = new Template("own", "Own", audience, new("Hi", string.Join(' ', offered), null));
        Compose(template, new(Guid.CreateVersion7(), "Ana Lima", "ana@example.com", null)).Letter.ShouldNotBeNull()
            .Text.ShouldBe($"Ana Lima Ana Aurora Collective Summer <3 & Sun {Link} 11 May 2026");
    }

    [Fact]
    public void Who_has_no_address_is_not_written_to() =>
        Compose(Template.Find("creator-hub-invitation")!, new(Guid.CreateVersion7(), "Ana Lima", null, null)).ShouldBe(new(null, "no-email"));

    [Fact]
    public void Whom_Campaign_does_not_know_is_not_written_to() =>
        Compose(Template.Find("creator-hub-invitation")!, null).ShouldBe(new(null, "unknown-creator"));

    private static Composition Compose(Template template, Contact? contact) => Composition.Of(template, contact, "Aurora Collective", Campaign, Link, "11 May 2026");
}
