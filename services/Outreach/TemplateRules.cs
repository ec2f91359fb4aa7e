namespace Outreach;

/// <summary>A template as it would be saved, what was taken out of its HTML on the way, and what is wrong with it.</summary>
/// <param name="Text">The words, sanitised; as they came where something is wrong with them.</param>
/// <param name="Fields">Every merge field it uses.</param>
/// <param name="Removed">What was taken out of the HTML, in a few words each.</param>
/// <param name="Flaws">Nothing where the template can be saved.</param>
public sealed record CheckedTemplate(TemplateText Text, IReadOnlyList<string> Fields, IReadOnlyList<string> Removed, IReadOnlyList<TemplateFlaw> Flaws);

/// <summary>What a template must be like before anybody can send it.</summary>
public static class TemplateRules
{
    public const int MaxSubject = 200;
    public const int MaxText = 20_000;
    public const int MaxHtml = 50_000;

    /// <summary>What can be wrong with the words of a template; the code of a refusal is that of the first flaw.</summary>
    public static readonly IReadOnlyList<string> Codes =
    [
        "template.syntax", "template.tag-unknown", "template.filter-unknown", "template.field-unknown", "template.field-unavailable", "template.link-missing", "template.empty",
        "template.too-long", "template.too-deep", "template.characters-invalid", "template.subject-not-one-line", "template.liquid-misplaced",
    ];

    /// <summary>Looks at every member, so that whoever wrote it learns everything that is wrong at once.</summary>
    public static CheckedTemplate Check(TemplateText text, Audience audience)
    {
        text = text with { Subject = text.Subject.Trim(), Html = string.IsNullOrWhiteSpace(text.Html) ? null : text.Html };
        var fields = new List<string>();
        var flaws = new List<TemplateFlaw>();
        IReadOnlyList<string> removed = [];
        if (text.Subject.AsSpan().IndexOfAny('\r', '\n') is >= 0 and var at)
        {
            flaws.Add(TemplateFlaw.At("subject", "template.subject-not-one-line", "A subject is one line. Take the line break out.", text.Subject, at));
        }

        flaws.AddRange(Look("subject", text.Subject, MaxSubject, audience, fields));
        flaws.AddRange([.. Look("text", text.Text, MaxText, audience, fields), .. LinkIn("text", text.Text, audience)]);
        if (text.Html is { } html)
        {
            var wrong = Look("html", html, MaxHtml, audience, fields);
            if (wrong.Count == 0)
            {
                (text, removed, wrong) = Sanitise(text, html, audience);
            }

            flaws.AddRange(wrong);
        }

        // A member that cannot be read is told once: that its link cannot be found either helps nobody.
        var unreadable = flaws.Where(flaw => flaw.Code != "template.link-missing").Select(flaw => flaw.Member).ToHashSet();
        return new(text, [.. fields.Distinct()], removed,
            [.. flaws.Where(flaw => flaw.Code != "template.link-missing" || !unreadable.Contains(flaw.Member))]);
    }

    private static (TemplateText Text, IReadOnlyList<string> Removed, IReadOnlyList<TemplateFlaw> Flaws) Sanitise(TemplateText text, string html, Audience audience)
    {
        var (clean, removed) = MessageHtml.Clean(html, out var refusal);
        if (refusal is not null)
        {
            return (text, removed, [new("html", "template.too-deep", refusal)]);
        }

        // Liquid that stood in a removed place is gone, and half a condition may be left of it.
        IReadOnlyList<TemplateFlaw> broken = Look("html", clean, int.MaxValue, audience, []);
        if (broken is [{ Code: not "template.empty" }, ..])
        {
            var lost = LiquidTokens.Scan(html, out _).FirstOrDefault(token => token.IsTag && removed.Contains(token.Source));
            return (text, removed, [TemplateFlaw.At("html", "template.liquid-misplaced",
                "A part of a Liquid condition stands inside an HTML tag, or in something that a message must not contain. Put it between the tags.",
                html, lost?.At ?? 0)]);
        }

        return (text with { Html = clean }, removed, [.. broken, .. LinkIn("html", clean, audience)]);
    }

    private static IReadOnlyList<TemplateFlaw> Look(string member, string source, int max, Audience audience, List<string> used)
    {
        if (string.IsNullOrWhiteSpace(source))
        {
            return [new(member, "template.empty", $"The {member} is empty. Write one.")];
        }

        if (source.Length > max)
        {
            return [new(member, "template.too-long", $"The {member} has {source.Length} characters. {max} fit.")];
        }

        if (source.AsSpan().IndexOfAnyExcept(Printable) is >= 0 and var odd)
        {
            return [TemplateFlaw.At(member, "template.characters-invalid", "A character here cannot be printed. Take it out.", source, odd)];
        }

        var tokens = LiquidTokens.Scan(source, out var flaw);
        if (flaw is { } found)
        {
            return [TemplateFlaw.At(member, found.Code, found.Message, source, found.Offset)];
        }

        if (Liquid.TryParse(source, out var message, out var offset) is not { } parsed)
        {
            return [TemplateFlaw.At(member, "template.syntax", $"This is not Liquid: {message.TrimEnd('.')}.", source, offset)];
        }

        var use = LiquidUse.Of(parsed);
        used.AddRange(use.Fields);
        return
        [
            .. use.Filters.Except(Liquid.Filters).SelectMany(filter => Places(tokens, filter, "|")
                .Select(place => TemplateFlaw.At(member, "template.filter-unknown",
                    $"The filter \"{filter}\" cannot be used in a message. These can: {string.Join(", ", Liquid.Filters)}.", source, place))),
            .. use.Fields.SelectMany(field => ObjectionTo(field, audience) is { } objection
                ? Places(tokens, field, "").Select(place => TemplateFlaw.At(member, objection.Code, objection.Message, source, place))
                : []),
        ];
    }

    private static (string Code, string Message)? ObjectionTo(string field, Audience audience) => MergeField.Find(field) switch
    {
        null when MergeField.All.FirstOrDefault(other => other.Name.Equals(field, StringComparison.OrdinalIgnoreCase)) is { } other =>
            ("template.field-unknown", $"There is no merge field {field}. Did you mean {other.Name}?"),
        null => ("template.field-unknown", $"There is no merge field {field}. GET /v1/templates/merge-fields lists them."),
        var known when !known.Audiences.Contains(audience) =>
            ("template.field-unavailable", $"The merge field {field} has no value in a template for {audience}. Take it out."),
        _ => null,
    };

    private static IEnumerable<TemplateFlaw> LinkIn(string member, string source, Audience audience)
    {
        var link = MergeField.LinkFor(audience).Name;
        if (!LiquidTokens.Scan(source, out _).Any(token => !token.IsTag && token.Inner == link))
        {
            yield return new(member, "template.link-missing",
                $"Without {{{{ {link} }}}} in the {member}, nobody can do what the message asks. Put it where the reader is to click.");
        }
    }

    // The parsed form has no positions, so the name is looked for where Liquid stands. Not found, spelt with blanks perhaps, the first token is named.
    private static IEnumerable<int> Places(IReadOnlyList<LiquidToken> tokens, string name, string before)
    {
        var sought = name.Replace("[]", "", StringComparison.Ordinal).TrimEnd('.');
        var places = tokens.SelectMany(token => Within(token, sought, before)).ToArray();
        return places.Length > 0 ? places : [tokens[0].At];
    }

    private static IEnumerable<int> Within(LiquidToken token, string name, string before)
    {
        for (var i = name.Length == 0 ? -1 : token.Source.IndexOf(name, StringComparison.Ordinal); i >= 0;
            i = token.Source.IndexOf(name, i + 1, StringComparison.Ordinal))
        {
            if (!IsName(token.Source[i - 1]) && !IsName(token.Source[i + name.Length]) && token.Source[..i].TrimEnd().EndsWith(before, StringComparison.Ordinal))
            {
                yield return token.At + i;
            }
        }
    }

    private static bool IsName(char c) => char.IsLetterOrDigit(c) || c is '_' or '.';

    private static readonly System.Buffers.SearchValues<char> Printable = System.Buffers.SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(c => (char)c).Where(c => c is '\r' or '\n' or '\t' || !(char.IsControl(c) || c is '\uFFFE' or '\uFFFF'))]);
}
