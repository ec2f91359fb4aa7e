using System.Collections.Frozen;
using System.Text.RegularExpressions;
using AngleSharp;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Ganss.Xss;

namespace Outreach;

/// <summary>
/// Takes out of an organization's HTML what has no place in a message: scripts, forms, frames, handlers, links that run something. The Liquid in
/// it is put aside meanwhile, since an HTML parser would break it, and put back where it may stand: in the text, in attributes, and in links
/// whose target it cannot turn into something else.
/// </summary>
internal sealed partial class MessageHtml
{
    public const int MaxElements = 5000;
    public const int MaxDepth = 100;
    private const int MaxOpenFormatting = 50;
    private const string Style = "data-style";

    private static readonly FrozenSet<string> Elements = FrozenSet.ToFrozenSet(
    [
        "a", "abbr", "address", "article", "b", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "div", "dl",
        "dt", "em", "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "li", "main", "mark",
        "ol", "p", "pre", "q", "s", "section", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt",
        "u", "ul", "wbr",
    ]);

    private static readonly FrozenSet<string> Attributes = FrozenSet.ToFrozenSet(
    [
        "align", "alt", "aria-hidden", "aria-label", "bgcolor", "border", "cellpadding", "cellspacing", "color", "colspan", "dir", "face", "height", "href",
        "lang", "rel", "role", "rowspan", "size", "src", "start", "target", "title", "valign", "width", Style,
    ]);

    // Without CSS: styles are judged by StyleRules.
    private static readonly HtmlParser Parser = new(new HtmlParserOptions { IsScripting = true });

    private readonly LiquidAside liquid;
    private readonly List<string> removed = [];

    private MessageHtml(LiquidAside liquid) => this.liquid = liquid;

    /// <summary>The HTML that may be sent, and in a few words each thing that was taken out; or why it is not even read.</summary>
    public static (string Html, IReadOnlyList<string> Removed) Clean(string html, out string? refusal)
    {
        refusal = html.Count(c => c == '<') > MaxElements ? $"There are more than {MaxElements} HTML tags. Make the message simpler."
            : OpenFormatting(html) > MaxOpenFormatting ? "Many tags such as <b> or <a> are opened and never closed. Close them."
            : null;
        return refusal is null ? new MessageHtml(new(LiquidTokens.Scan(html, out _))).Run(html, out refusal) : ("", []);
    }

    private (string Html, IReadOnlyList<string> Removed) Run(string html, out string? refusal)
    {
        using var document = Parser.ParseDocument("<!doctype html><html><body>" + liquid.Put(html));
        refusal = IsDeep(document.Body!) ? $"HTML tags are nested more than {MaxDepth} deep. Make the message simpler." : null;
        if (refusal is not null)
        {
            return ("", []);
        }

        JudgeStyles(document);
        Sanitizer().SanitizeDom(document, document.Body);
        foreach (var element in document.Body!.QuerySelectorAll($"[{Style}]"))
        {
            element.SetAttribute("style", element.GetAttribute(Style));
            element.RemoveAttribute(Style);
        }

        var clean = liquid.PutBack(document.Body.ChildNodes.ToHtml(HtmlFormatter.Instance), out var lost);
        removed.AddRange(lost.Select(token => token.Source));
        return (clean.Trim(), [.. removed.Distinct().Take(100)]);
    }

    private void JudgeStyles(IHtmlDocument document)
    {
        foreach (var element in document.Body!.QuerySelectorAll("*"))
        {
            element.RemoveAttribute(Style);
            if (element.GetAttribute("style") is { } style)
            {
                element.RemoveAttribute("style");

                // A value filled in later could be any style: a brace is none.
                if (StyleRules.Clean(liquid.Show(style, "{"), property => removed.Add($"style {property} of <{element.LocalName}>")) is { Length: > 0 } clean)
                {
                    element.SetAttribute(Style, clean);
                }
            }
        }
    }

    private HtmlSanitizer Sanitizer()
    {
        var sanitizer = new HtmlSanitizer(new HtmlSanitizerOptions
        {
            AllowedTags = Elements.ToHashSet(),
            AllowedAttributes = Attributes.ToHashSet(),
            AllowedSchemes = new HashSet<string> { "http", "https", "mailto" },
            UriAttributes = new HashSet<string> { "href", "src" },
        });
        sanitizer.RemovingTag += (_, e) => removed.Add($"<{e.Tag.LocalName}>");
        sanitizer.RemovingAttribute += (_, e) => removed.Add($"{liquid.Show(e.Attribute.Name)} of <{e.Tag.LocalName}>");
        sanitizer.RemovingComment += (_, e) => e.Cancel = liquid.KeepsPlace(e.Comment.TextContent);
        sanitizer.FilterUrl += (_, e) => e.SanitizedUrl = e.SanitizedUrl is { } url && IsSafe(url.Trim(), e.Tag.LocalName == "a") ? url.Trim() : null;
        return sanitizer;
    }

    /// <summary>
    /// Liquid may complete an address whose host is written out, or stand alone where it is a link by itself. An image is fetched by the mail
    /// program, so it must not be a link that does something.
    /// </summary>
    private bool IsSafe(string url, bool isLink)
    {
        var inside = liquid.In(url);
        if (inside.Any(place => place.Token is null or { IsTag: true }))
        {
            return false;
        }

        return inside is [{ At: 0, Token: var first }, ..]
            ? isLink && MergeField.Find(first!.Inner) is { IsLink: true }
            : (isLink ? Absolute() : AbsoluteHttp()).IsMatch(inside is [{ At: var start }, ..] ? url[..start] : url + "/");
    }

    private static bool IsDeep(INode root)
    {
        var level = new List<INode> { root };
        for (var depth = 0; level.Count > 0; depth++)
        {
            if (depth > MaxDepth)
            {
                return true;
            }

            level = [.. level.SelectMany(node => node.ChildNodes)];
        }

        return false;
    }

    // Each open one is opened again in every paragraph after it; a parser that is given a thousand of both builds a million elements.
    private static int OpenFormatting(string html)
    {
        var (open, most) = (0, 0);
        foreach (Match tag in Formatting().Matches(html))
        {
            open += tag.Groups["end"].Length > 0 ? -1 : 1;
            most = Math.Max(most, open);
        }

        return most;
    }

    [GeneratedRegex(@"^(?:https?://[^/?#\\@\s]+[/?#]|mailto:[^?\s]+@[^?\s]+)", RegexOptions.IgnoreCase)]
    private static partial Regex Absolute();

    [GeneratedRegex(@"^https?://[^/?#\\@\s]+[/?#]", RegexOptions.IgnoreCase)]
    private static partial Regex AbsoluteHttp();

    [GeneratedRegex(@"<(?<end>/?)(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])", RegexOptions.IgnoreCase)]
    private static partial Regex Formatting();
}
