using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Outreach;

/// <summary>Puts the Liquid in a piece of HTML aside, so that an HTML parser does not break it, and puts it back afterwards.</summary>
internal sealed partial class LiquidAside(IReadOnlyList<LiquidToken> tokens)
{
    // Nobody who writes a template can guess the name of a place that is not theirs.
    private readonly string nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    /// <summary>
    /// The HTML with a word in place of each token. A tag of Liquid in the text becomes a comment, which may stand anywhere: text between rows
    /// would be moved out of its table by the parser.
    /// </summary>
    public string Put(string html)
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

    /// <summary>The HTML with the Liquid back in its places; <paramref name="lost"/> are the tokens whose place is gone.</summary>
    public string PutBack(string html, out IReadOnlyList<LiquidToken> lost)
    {
        // Braces that only meet here, after what stood between them is gone, are text and no Liquid.
        html = html.Replace("{{", "{&#123;", StringComparison.Ordinal).Replace("{%", "{&#37;", StringComparison.Ordinal);
        var back = new HashSet<LiquidToken>();
        html = Place().Replace(html, match => Token(match) is { } token && back.Add(token) ? token.Source : "");
        lost = [.. tokens.Where(token => !back.Contains(token))];
        return html;
    }

    /// <summary>The tokens that stand in this text, each with where it does; null for a place that is none of ours.</summary>
    public IReadOnlyList<(int At, LiquidToken? Token)> In(string text) => [.. Place().Matches(text).Select(match => (match.Index, Token(match)))];

    /// <summary>Is this the comment that keeps the place of a tag?</summary>
    public bool KeepsPlace(string comment) => Place().Match(comment) is { Success: true } match && match.Length == comment.Length && Token(match) is { IsTag: true };

    /// <summary>The text for people: with the Liquid in it, or with <paramref name="instead"/> in its place.</summary>
    public string Show(string text, string? instead = null) => Place().Replace(text, match => instead ?? Token(match)?.Source ?? "");

    private string Name(int index) => $"lq{nonce}x{index}x";

    private LiquidToken? Token(Match match) =>
        match.Groups["nonce"].Value == nonce && int.TryParse(match.Groups["index"].Value, out var index) && index < tokens.Count ? tokens[index] : null;

    [GeneratedRegex("(?:<!--)?lq(?<nonce>[0-9a-f]{16})x(?<index>[0-9]{1,6})x(?:-->)?")]
    private static partial Regex Place();
}
