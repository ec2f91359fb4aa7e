namespace Outreach;

/// <summary>One <c>{{ … }}</c> or <c>{% … %}</c> of a template.</summary>
internal sealed record LiquidToken(int At, string Source)
{
    public int End => At + Source.Length;

    public bool IsTag => Source[1] == '%';

    /// <summary>What stands between the delimiters.</summary>
    public string Inner => Source[2..^2].Trim('-').Trim();

    public string TagName => IsTag ? new string([.. Inner.TakeWhile(char.IsAsciiLetterOrDigit)]) : "";
}

/// <summary>
/// Finds the Liquid in a text. The parser gives no positions, recurses as deep as it is told to, and knows nothing of HTML: so tokens are found,
/// counted and measured before it sees them.
/// </summary>
internal static class LiquidTokens
{
    public const int MaxLength = 500;
    public const int MaxCount = 1000;
    public const int MaxDepth = 20;

    /// <summary>The tokens in order; or what keeps them from being told apart, and where.</summary>
    public static IReadOnlyList<LiquidToken> Scan(string source, out (string Code, string Message, int Offset)? flaw)
    {
        var tokens = new List<LiquidToken>();
        var depth = 0;
        flaw = null;
        for (var at = Next(source, 0); at >= 0; at = Next(source, tokens[^1].End))
        {
            var length = Length(source, at);
            if (length is null)
            {
                flaw = ("template.syntax", $"This {source[at..(at + 2)]} is never closed, or not within {MaxLength} characters.", at);
                return tokens;
            }

            var token = new LiquidToken(at, source.Substring(at, length.Value));
            tokens.Add(token);
            depth += token.TagName switch
            {
                "if" or "unless" or "case" => 1,
                "endif" or "endunless" or "endcase" => -1,
                _ => 0,
            };
            flaw = token switch
            {
                _ when token.Source.Contains('\\') => ("template.syntax", "A backslash has no meaning between Liquid's braces. Leave it out.", at),
                { IsTag: true } when !Liquid.Tags.Contains(token.TagName) => ("template.tag-unknown",
                    $"The Liquid tag \"{token.TagName}\" cannot be used in a message. These can: if, elsif, else, unless, case, when.", at),
                _ when depth > MaxDepth => ("template.too-deep", $"Conditions are nested more than {MaxDepth} deep here. Write it flatter.", at),
                _ when tokens.Count > MaxCount => ("template.too-long", $"There are more than {MaxCount} pairs of Liquid braces. Use fewer.", at),
                _ => null,
            };
            if (flaw is not null)
            {
                return tokens;
            }
        }

        return tokens;
    }

    private static int Next(string source, int from)
    {
        for (var i = source.IndexOf('{', from); i >= 0 && i + 1 < source.Length; i = source.IndexOf('{', i + 1))
        {
            if (source[i + 1] is '{' or '%')
            {
                return i;
            }
        }

        return -1;
    }

    private static int? Length(string source, int at)
    {
        var (close, quote) = (source[at + 1] == '{' ? '}' : '%', '\0');
        for (var i = at + 2; i < source.Length - 1 && i - at < MaxLength; i++)
        {
            switch (source[i])
            {
                case var c when quote != '\0':
                    quote = c == quote ? '\0' : quote;
                    break;
                case '"' or '\'':
                    quote = source[i];
                    break;
                case var c when c == close && source[i + 1] == '}':
                    return i + 2 - at;
            }
        }

        return null;
    }
}
