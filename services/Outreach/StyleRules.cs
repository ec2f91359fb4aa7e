using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Outreach;

/// <summary>
/// Which inline styles a message may have. They are kept as they were written: a CSS library would rewrite <c>#ffffff</c> as <c>rgba(…)</c>,
/// which mail programs do not all understand.
/// </summary>
internal static partial class StyleRules
{
    private static readonly FrozenSet<string> Properties = FrozenSet.ToFrozenSet(
    [
        "background-color", "border", "border-bottom", "border-collapse", "border-color", "border-left", "border-radius", "border-right", "border-spacing",
        "border-style", "border-top", "border-width", "color", "display", "font", "font-family", "font-size", "font-style", "font-weight", "height",
        "letter-spacing", "line-height", "list-style-type", "margin", "margin-bottom", "margin-left", "margin-right", "margin-top", "max-height", "max-width",
        "min-height", "min-width", "padding", "padding-bottom", "padding-left", "padding-right", "padding-top", "table-layout", "text-align",
        "text-decoration", "text-indent", "text-transform", "vertical-align", "white-space", "width", "word-break", "word-wrap",
    ]);

    /// <summary>The style without what is not allowed; <paramref name="removed"/> is told each declaration that goes.</summary>
    public static string Clean(string style, Action<string> removed)
    {
        var kept = new List<string>();
        foreach (var declaration in style.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = declaration.IndexOf(':');
            var property = colon < 0 ? declaration : declaration[..colon].TrimEnd().ToLowerInvariant();
            if (colon > 0 && Properties.Contains(property) && Value().IsMatch(declaration[(colon + 1)..]) && !Comment().IsMatch(declaration))
            {
                kept.Add(declaration);
            }
            else
            {
                removed(property);
            }
        }

        return kept.Count == 0 ? "" : string.Join(';', kept) + (style.TrimEnd().EndsWith(';') ? ";" : "");
    }

    // No colon, backslash, brace or angle bracket, and of functions only colours: nothing that fetches an address or hides one.
    [GeneratedRegex(@"^(?:[\p{L}\p{N}\s#%.,'""!+/_-]|(?<=\b(?:rgb|rgba|hsl|hsla))\([\d\s.,%/]*\))+$", RegexOptions.CultureInvariant)]
    private static partial Regex Value();

    [GeneratedRegex(@"/\s*\*|\*\s*/")]
    private static partial Regex Comment();
}
