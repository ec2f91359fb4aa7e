using AngleSharp.Html.Parser;
using CsCheck;

namespace Outreach.Tests.Decisions;

/// <summary>Whatever HTML and Liquid are thrown together, and whatever the values are, no letter can run or fetch what it must not.</summary>
public sealed class HostileHtmlTests
{
    private static readonly string[] Fragments =
    [
        "<p>", "</p>", "<a href=\"", "<a href='", "<a href=", "\">", "'>", ">", "</a>", "<img src=\"", "\" alt=\"", "<b>", "</b>", "<table>", "<tr>", "<td>", "</td>", "</tr>",
        "</table>", "<script>", "</script>", "<style>", "</style>", "<svg>", "</svg>", "<math>", "<title>", "</title>", "<textarea>", "<noscript>", "<template>", "<form>",
        "<iframe srcdoc=\"", "<!--", "-->", "<![CDATA[", "]]>", "javascript:", "java\nscript:", "&#106;avascript:", "https://aurora.example/", "mailto:a@b.example?x=", "data:text/html,",
        " onerror=\"alert(1)\"", " onclick=alert(1) ", " style=\"", "color:red;", "background:url(", "expression(", "{{ creator.name }}", "{{ invitation.url }}",
        "{{ creator.name | default: \"<script>\" }}", "{{ 'javascript:' | append: creator.name }}", "{% if creator.name %}", "{% else %}", "{% endif %}", "{", "{{", "}}", "{%", "%}",
        "&lt;script&gt;", "&quot;", "\"", "'", "<", "alert(1)", " ", "\n", "lq0000000000000000x0x", "data-style=\"position:fixed\"",
    ];

    private static readonly string[] Elements =
        ["html", "head", "meta", "title", "body", "p", "a", "img", "b", "table", "tbody", "tr", "td"];

    private static readonly string[] Attributes =
        ["href", "src", "alt", "style", "charset", "name", "content", "lang", "role", "width", "cellpadding", "cellspacing", "border", "align", "title"];

    private static readonly Dictionary<string, string?> Hostile = new()
    {
        ["creator.name"] = "javascript:alert(1)//\"'><script>alert(1)</script><img src=x onerror=alert(1)>",
        ["invitation.url"] = "https://hub.example/i/token",
        ["organization.name"] = "<script>alert(1)</script>",
        ["campaign.name"] = "\" onclick=\"alert(1)",
    };

    [Fact]
    public void A_letter_holds_nothing_that_runs()
    {
        var judged = 0;
        Gen.Int[0, Fragments.Length - 1].Select(index => Fragments[index]).Array[1, 14].Select(string.Concat).Sample(
            html =>
            {
                var draft = TemplateRules.Check(new("Hi", "{{ invitation.url }}", html), Audience.YetToOptIn);
                if (draft.Flaws.All(flaw => flaw.Code == "template.link-missing"))
                {
                    var letter = new Template("own", "Own", Audience.YetToOptIn, draft.Text).Write(Hostile);
                    Judge(letter.Html, html);
                    Interlocked.Increment(ref judged);
                    TemplateRules.Check(draft.Text, Audience.YetToOptIn).Removed.ShouldBeEmpty($"What was cleaned is not clean: {html}");
                }
            },
            iter: 5000);
        judged.ShouldBeGreaterThan(1000);
    }

    private static void Judge(string letter, string source)
    {
        using var page = new HtmlParser().ParseDocument(letter);
        foreach (var element in page.QuerySelectorAll("*"))
        {
            Elements.ShouldContain(element.LocalName, source);
            foreach (var attribute in element.Attributes)
            {
                Attributes.ShouldContain(attribute.Name, source);
                var expected = attribute.Name switch
                {
                    "href" or "src" => "^(https://aurora\\.example/|https://hub\\.example/i/token|mailto:a@b\\.example\\?)",
                    "style" => "^(?!.*(url|expression|position))",
                    _ => "",
                };
                attribute.Value.ShouldMatch(expected, source);
            }
        }
    }
}
