using System.Text.RegularExpressions;

namespace Outreach.Tests.Decisions;

public sealed class MessageHtmlTests
{
    [Theory]
    [InlineData("<script>alert(1)</script>", "", "<script>")]
    [InlineData("<SCRIPT SRC=https://evil.example/x.js></SCRIPT>", "", "<script>")]
    [InlineData("<p onclick=\"alert(1)\">x</p>", "<p>x</p>", "onclick of <p>")]
    [InlineData("<img src=\"https://a.example/x.png\" onerror=alert(1)>", "<img src=\"https://a.example/x.png\">", "onerror of <img>")]
    [InlineData("<img src=\"data:text/html;base64,PHNjcmlwdD4=\">", "<img>", "src of <img>")]
    [InlineData("<a href=\"javascript:alert(1)\">x</a>", "<a>x</a>", "href of <a>")]
    [InlineData("<a href=\" &#106;ava\tscript:alert(1)\">x</a>", "<a>x</a>", "href of <a>")]
    [InlineData("<a href=\"vbscript:x\">x</a>", "<a>x</a>", "href of <a>")]
    [InlineData("<a href=\"//evil.example\">x</a>", "<a>x</a>", "href of <a>")]
    [InlineData("<a href=\"/relative\">x</a>", "<a>x</a>", "href of <a>")]
    [InlineData("<a href=\"https://user@evil.example/\">x</a>", "<a>x</a>", "href of <a>")]
    [InlineData("<form action=\"https://evil.example\"><input name=password></form>", "", "<form>", "<input>")]
    [InlineData("<iframe src=\"https://evil.example\"></iframe>", "", "<iframe>")]
    [InlineData("<iframe srcdoc=\"<script>1</script>\"></iframe>", "", "<iframe>")]
    [InlineData("<object data=\"x.swf\"></object><embed src=x>", "", "<object>", "<embed>")]
    [InlineData("<svg onload=alert(1)><script>1</script></svg>", "", "<svg>", "<script>")]
    [InlineData("<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>", "", "<math>", "<mtext>", "<style>")]
    [InlineData("<style>@import 'https://evil.example'</style>", "", "<style>")]
    [InlineData("<meta http-equiv=refresh content=\"0;url=https://evil.example\">", "", "<meta>")]
    [InlineData("<base href=\"https://evil.example/\">", "", "<base>")]
    [InlineData("<template><script>1</script></template>", "", "<template>")]
    [InlineData("<p style=\"color:red;background:url(https://evil.example)\">x</p>", "<p style=\"color:red\">x</p>", "style background of <p>")]
    [InlineData("<p style=\"width: expression(alert(1))\">x</p>", "<p>x</p>", "style width of <p>")]
    [InlineData("<p style=\"position:fixed;color:#fff\">x</p>", "<p style=\"color:#fff\">x</p>", "style position of <p>")]
    [InlineData("<p style=\"color:re\\64\">x</p>", "<p>x</p>", "style color of <p>")]
    [InlineData("<p data-style=\"position:fixed\">x</p>", "<p>x</p>")]
    [InlineData("<!-- hidden --><p>x</p>", "<p>x</p>")]
    [InlineData("<p class=\"a\" id=\"b\">x</p>", "<p>x</p>", "class of <p>", "id of <p>")]
    [InlineData("<a href={{ invitation.url }} onmouseover=alert(1)>x</a>", "<a href=\"{{ invitation.url }}\">x</a>", "onmouseover of <a>")]
    public void What_has_no_place_in_a_message_is_taken_out_and_told(string html, string expected, params string[] removed)
    {
        var (clean, told) = MessageHtml.Clean(html, out var refusal);
        refusal.ShouldBeNull();
        clean.ShouldBe(expected);
        told.ShouldBe(removed, ignoreOrder: true);
    }

    [Theory]
    [InlineData("<a href=\"{{ invitation.url }}\" style=\"color:#0f766e;\">Open</a>")]
    [InlineData("<a href=\"{{invitation.url}}\">Open</a>")]
    [InlineData("<a href=\"https://aurora.example/?c={{ campaign.name | url_encode }}\">Open</a>")]
    [InlineData("<a href=\"mailto:team@aurora.example?subject={{ campaign.name | url_encode }}\">Write</a>")]
    [InlineData("<p title=\"{{ creator.name | default: \"you\" }}\">Hi {{ creator.name | default: \"you & <me>\" }}</p>")]
    [InlineData("<table><tbody>{% if creator.name == \"a>b\" %}<tr><td>x</td></tr>{% endif %}</tbody></table>")]
    [InlineData("<p style=\"font-family:'Segoe UI',Helvetica,Arial,sans-serif;color:rgb(1, 2, 3);font:16px/1.5 Arial\">x</p>")]
    [InlineData("<img src=\"https://aurora.example/logo.png\" alt=\"Aurora\" width=\"80\">")]
    public void What_may_stand_in_a_message_stays_as_it_was_written(string html)
    {
        var (clean, removed) = MessageHtml.Clean(html, out _);
        clean.ShouldBe(html);
        removed.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("<a href=\"{{ creator.name }}\">x</a>", "<a>x</a>", "href of <a>", "{{ creator.name }}")]
    [InlineData("<a href=\"{{ 'javascript:alert(1)' }}\">x</a>", "<a>x</a>", "href of <a>", "{{ 'javascript:alert(1)' }}")]
    [InlineData("<a href=\"java{{ 'script:alert(1)' }}\">x</a>", "<a>x</a>", "href of <a>", "{{ 'script:alert(1)' }}")]
    [InlineData("<a href=\"https://{{ creator.name }}/\">x</a>", "<a>x</a>", "href of <a>", "{{ creator.name }}")]
    [InlineData("<a href=\"https://aurora.example{{ creator.name }}\">x</a>", "<a>x</a>", "href of <a>", "{{ creator.name }}")]
    [InlineData("<a href=\"{{ invitation.url | prepend: 'javascript:' }}\">x</a>", "<a>x</a>", "href of <a>", "{{ invitation.url | prepend: 'javascript:' }}")]
    [InlineData("<img src=\"{{ invitation.url }}\">", "<img>", "src of <img>", "{{ invitation.url }}")]
    [InlineData("<p style=\"color:{{ creator.name }}\">x</p>", "<p>x</p>", "style color of <p>", "{{ creator.name }}")]
    [InlineData("<p {{ creator.name }}>x</p>", "<p>x</p>", "{{ creator.name }} of <p>", "{{ creator.name }}")]
    [InlineData("<!--{{ creator.name }}-->x", "x", "{{ creator.name }}")]
    [InlineData("<!-- {{ creator.name }} -->x", "x", "{{ creator.name }}")]
    public void Liquid_where_it_could_turn_into_something_else_is_taken_out(string html, string expected, params string[] removed)
    {
        var (clean, told) = MessageHtml.Clean(html, out _);
        clean.ShouldBe(expected);
        told.ShouldBe(removed, ignoreOrder: true);
    }

    [Theory]
    [InlineData("{<!-- -->{ creator.name }}")]
    [InlineData("{<script></script>% if creator.name %}")]
    [InlineData("{&#123; creator.name | raw }}")]
    [InlineData("<p title=\"&#123;&#123; creator.name }}\">x</p>")]
    public void Braces_that_meet_only_after_the_cleaning_are_text(string html)
    {
        var (clean, _) = MessageHtml.Clean(html, out _);
        LiquidTokens.Scan(clean, out var flaw).ShouldBeEmpty(clean);
        flaw.ShouldBeNull();
    }

    [Theory]
    [InlineData("<p>{{ creator.name }}</p>")]
    [InlineData("<p title=\"{{ creator.name }}\">x</p>")]
    [InlineData("<p title='{{ creator.name | append: \"x\" }}'>x</p>")]
    [InlineData("<a href=\"https://aurora.example/?c={{ creator.name }}\">x</a>")]
    [InlineData("<p>{{ '<script>alert(1)</script>' }}</p>")]
    [InlineData("<p>{{ creator.none | default: '<script>alert(1)</script>' }}</p>")]
    public void No_value_can_bring_markup_into_the_letter(string html)
    {
        var draft = MessageHtml.Clean(html, out _).Html;
        var template = new Template("own", "Own", Audience.YetToOptIn, new("Hi", "x", draft));
        var letter = template.Write(new Dictionary<string, string?> { ["creator.name"] = "\"'><script>alert(1)</script><p onclick=x", ["creator.none"] = null });
        Regex.Count(letter.Html, "<(?!!)/?(?:script|p)\\b", RegexOptions.IgnoreCase).ShouldBe(html.StartsWith("<p", StringComparison.Ordinal) ? 2 : 0, letter.Html);
    }

    [Fact]
    public void Half_a_condition_is_told_and_not_saved()
    {
        var html = "<p>Hi</p>\n<p {% if creator.name %}>x{% endif %} {{ invitation.url }}</p>";
        var flaw = TemplateRules.Check(new("Hi", "{{ invitation.url }}", html), Audience.YetToOptIn).Flaws.ShouldHaveSingleItem();
        (flaw.Member, flaw.Code, flaw.Line, flaw.Column).ShouldBe(("html", "template.liquid-misplaced", 2, 4));
    }

    [Theory]
    [InlineData("<div>", 5000)]
    [InlineData("<i>", 5000)]
    [InlineData("<table><tr><td>", 1600)]
    [InlineData("<b><p>", 2400)]
    public void Tags_as_deep_as_the_text_is_long_are_refused(string open, int times)
    {
        MessageHtml.Clean(string.Concat(Enumerable.Repeat(open, times)), out var refusal);
        refusal.ShouldNotBeNull().ShouldEndWith(".");
    }

    [Fact]
    public void More_tags_than_a_message_needs_are_refused()
    {
        MessageHtml.Clean(string.Concat(Enumerable.Repeat("<br>", MessageHtml.MaxElements + 1)), out var refusal);
        refusal.ShouldNotBeNull().ShouldEndWith(".");
    }
}
