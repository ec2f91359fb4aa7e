using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
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

    private readonly string nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
    private readonly IReadOnlyList<LiquidToken> tokens;
    private readonly List<string> removed = [];

    private MessageHtml(IReadOnlyList<LiquidToken> tokens) => this.tokens = tokens;

    /// <summary>The HTML that may be sent, and in a few words each thing that was taken out; or why it is not even read.</summary>
    public static (string Html, IReadOnlyList<string> Removed) Clean(string html, out string? refusal)
    {
        refusal = html.Count(c => c == '<') > MaxElements ? $"There are more than {MaxElements} HTML tags. Make the message simpler."
            : OpenFormatting(html) > MaxOpenFormatting ? "Many tags such as <b> or <a> are opened and never closed. Close them."
            : null;
        return refusal is null ? new MessageHtml(LiquidTokens.Scan(html, out _)).Run(html, out refusal) : ("", []);
    }

    private (string Html, IReadOnlyList<string> Removed) Run(string html, out string? refusal)
    {
        using var document = Parser.ParseDocument("<!doctype html><html><body>" + PutAside(html));
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

        // Braces that only meet here, after what stood between them is gone, are text and no Liquid.
        var clean = document.Body.InnerHtml.Replace("{{", "{&#123;", StringComparison.Ordinal).Replace("{%", "{&#37;", StringComparison.Ordinal);
        var kept = new HashSet<int>();
        clean = Placeholder().Replace(clean, match =>
        {
            var index = int.TryParse(match.Groups["index"].Value, out var parsed) && match.Groups["nonce"].Value == nonce ? parsed : -1;
            return index >= 0 && index < tokens.Count && kept.Add(index) ? tokens[index].Source : "";
        });
        removed.AddRange(tokens.Where((_, index) => !kept.Contains(index)).Select(token => token.Source));
        return (clean.Trim(), [.. removed.Distinct().Take(100)]);
    }

    // A tag of Liquid in the text becomes a comment, which may stand anywhere: text between rows would be moved out of its table by the parser.
    private string PutAside(string html)
    {
        var aside = new StringBuilder(html.Length);
        var (at, inTag, quote) = (0, false, '\0');
        for (var index = 0; index <= tokens.Count; index++)
        {
            var end = index < tokens.Count ? tokens[index].At : html.Length;
            for (; at < end; at++)
            {
                var c = html[at];
                if (!inTag)
                {
                    inTag = c == '<' && at + 1 < html.Length && (char.IsAsciiLetter(html[at + 1]) || html[at + 1] is '/' or '!');
                }
                else if (quote != '\0')
                {
                    quote = c == quote ? '\0' : quote;
                }
                else if (c is '"' or '\'' && html.AsSpan(0, at).TrimEnd().EndsWith("="))
                {
                    quote = c;
                }
                else
                {
                    inTag = c != '>';
                }

                aside.Append(c);
            }

            if (index < tokens.Count)
            {
                aside.Append(tokens[index].IsTag && !inTag ? $"<!--{Name(index)}-->" : Name(index));
                at = tokens[index].End;
            }
        }

        return aside.ToString();
    }

    private string Name(int index) => $"lq{nonce}x{index}x";

    private void JudgeStyles(IHtmlDocument document)
    {
        foreach (var element in document.Body!.QuerySelectorAll("*"))
        {
            element.RemoveAttribute(Style);
            if (element.GetAttribute("style") is { } style)
            {
                element.RemoveAttribute("style");

                // A value filled in later could be any style: a brace is none.
                if (StyleRules.Clean(Placeholder().Replace(style, "{"), property => removed.Add($"style {property} of <{element.LocalName}>")) is { Length: > 0 } clean)
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
        sanitizer.RemovingAttribute += (_, e) => removed.Add($"{Visible(e.Attribute.Name)} of <{e.Tag.LocalName}>");
        sanitizer.RemovingComment += (_, e) => e.Cancel = Placeholder().Match(e.Comment.TextContent) is { Success: true } match
            && match.Length == e.Comment.TextContent.Length && Token(match) is { IsTag: true };
        sanitizer.FilterUrl += (_, e) => e.SanitizedUrl = e.SanitizedUrl is { } url && IsSafe(url.Trim(), e.Tag.LocalName == "a") ? url.Trim() : null;
        return sanitizer;
    }

    /// <summary>Liquid may complete an address whose host is written out, or stand alone where it is a link by itself. An image is fetched by the mail program, so it must not be a link that does something.</summary>
    private bool IsSafe(string url, bool isLink)
    {
        var inside = Placeholder().Matches(url);
        if (inside.Select(match => Token(match)).Any(token => token is null or { IsTag: true }))
        {
            return false;
        }

        return inside is [{ Index: 0 } first, ..]
            ? isLink && MergeField.Find(Token(first)!.Inner) is { IsLink: true }
            : (isLink ? Absolute() : AbsoluteHttp()).IsMatch(inside is [var one, ..] ? url[..one.Index] : url + "/");
    }

    private LiquidToken? Token(Match match) => int.TryParse(match.Groups["index"].Value, out var index) && index < tokens.Count ? tokens[index] : null;

    private string Visible(string text) => Placeholder().Replace(text, match => Token(match)?.Source ?? "");

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

    [GeneratedRegex("(?:<!--)?lq(?<nonce>[0-9a-f]{16})x(?<index>[0-9]{1,6})x(?:-->)?")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"^(?:https?://[^/?#\\@\s]+[/?#]|mailto:[^?\s]+@[^?\s]+)", RegexOptions.IgnoreCase)]
    private static partial Regex Absolute();

    [GeneratedRegex(@"^https?://[^/?#\\@\s]+[/?#]", RegexOptions.IgnoreCase)]
    private static partial Regex AbsoluteHttp();

    [GeneratedRegex(@"<(?<end>/?)(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])", RegexOptions.IgnoreCase)]
    private static partial Regex Formatting();
}
