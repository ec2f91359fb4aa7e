using System.Text;
using System.Text.RegularExpressions;

namespace Outreach;

/// <summary>Makes the HTML of a message from its plain text: paragraphs, line breaks, links that can be clicked.</summary>
internal static partial class PlainText
{
    /// <summary>Liquid passes through untouched; everything else is encoded.</summary>
    public static string ToHtml(string text)
    {
        text = text.ReplaceLineEndings("\n").Trim();
        var html = new StringBuilder("<p style=\"margin:0 0 16px 0;\">");
        var at = 0;
        foreach (var token in LiquidTokens.Scan(text, out _))
        {
            html.Append(Encode(text[at..token.At]));
            html.Append(!token.IsTag && MergeField.Find(token.Inner) is { IsLink: true } ? Link(token.Source) : token.Source);
            at = token.End;
        }

        return html.Append(Encode(text[at..])).Append("</p>").ToString();
    }

    private static string Encode(string text)
    {
        var html = Escape(text);
        html = Address().Replace(html, match => Link(match.Value));
        html = BlankLines().Replace(html, "</p>\n<p style=\"margin:0 0 16px 0;\">");
        return SingleBreak().Replace(html, "<br>\n");
    }

    private static string Link(string address) => $"<a href=\"{address}\" style=\"color:#0f766e;\">{address}</a>";

    private static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("\"", "&quot;", StringComparison.Ordinal);

    // The full stop after an address belongs to the sentence; an ampersand was encoded before and belongs to the address.
    [GeneratedRegex(@"https?://(?:(?!&lt;|&gt;|&quot;)[^\s{}'])*(?<![.,;:!?)])", RegexOptions.CultureInvariant)]
    private static partial Regex Address();

    [GeneratedRegex(@"\n[^\S\n]*\n\s*")]
    private static partial Regex BlankLines();

    [GeneratedRegex(@"\n(?!<p)")]
    private static partial Regex SingleBreak();
}
