using System.Text.Encodings.Web;
using Fluid;

namespace Outreach;

/// <summary>Whom a template is meant for.</summary>
public enum Audience
{
    /// <summary>Creators who have yet to opt in or authenticate.</summary>
    YetToOptIn,

    /// <summary>Creators of whom a connection died.</summary>
    HasLostAccess,

    /// <summary>Creators to be invited to TikTok's creator marketplace.</summary>
    MarketplaceInvitee,
}

/// <summary>A message ready to send. Personal data: it lives as long as the sending does and is stored nowhere.</summary>
public sealed record Letter(string Subject, string Text, string Html);

/// <summary>A message with merge fields in Liquid, parsed and ready to be filled in.</summary>
public sealed class Template
{
    private readonly IFluidTemplate subject;
    private readonly IFluidTemplate text;
    private readonly IFluidTemplate html;
    private readonly IReadOnlyList<string> required;

    public Template(string key, string name, Audience audience, TemplateText words)
    {
        (Key, Name, Audience, Words) = (key, name, audience, words with { Subject = words.Subject.Trim() });
        (subject, text) = (Liquid.Parse(Subject), Liquid.Parse(words.Text));
        html = Liquid.Parse(BuiltInTemplates.InLayout(words.Html ?? PlainText.ToHtml(words.Text)));
        var use = LiquidUse.Of(subject, text, html);
        (Fields, required) = ([.. use.Fields], [.. use.Required]);
    }

    public string Key { get; }

    public string Name { get; }

    public Audience Audience { get; }

    /// <summary>The message as it was written, merge fields and all.</summary>
    public TemplateText Words { get; }

    /// <summary>The subject as it was written, merge fields and all.</summary>
    public string Subject => Words.Subject;

    /// <summary>Every merge field the message uses, e.g. <c>creator.firstName</c>, those of the layout around it included.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>Does the message show an invitation to the Creator Hub?</summary>
    public bool CarriesInvitation => Fields.Contains("invitation.url");

    /// <summary>The built-in templates, in the order people see them.</summary>
    public static IReadOnlyList<Template> BuiltIn => BuiltInTemplates.All;

    /// <summary>The built-in template of that key; null where there is none.</summary>
    public static Template? Find(string? key) => BuiltIn.FirstOrDefault(template => template.Key == key);

    /// <summary>The first merge field that this recipient has no value for and that leaves a hole; null when the letter can be written.</summary>
    public string? MissingField(IReadOnlyDictionary<string, string?> values) => MissingFields(values).FirstOrDefault();

    /// <summary>Every merge field without a value. One that has a <c>default</c>, or stands where a condition has asked for it, leaves no hole.</summary>
    public IEnumerable<string> MissingFields(IReadOnlyDictionary<string, string?> values) =>
        required.Where(field => string.IsNullOrWhiteSpace(values.GetValueOrDefault(field)));

    public Letter Write(IReadOnlyDictionary<string, string?> values)
    {
        var context = new TemplateContext(Liquid.Options);
        foreach (var group in values.GroupBy(value => value.Key.Split('.')[0], value => (Name: value.Key.Split('.')[1], value.Value)))
        {
            // Blank is nothing: an empty text counts as true in a condition of Liquid.
            context.SetValue(group.Key, group.ToDictionary(field => field.Name, field => string.IsNullOrWhiteSpace(field.Value) ? null : field.Value));
        }

        // A line break in a name must not become a second header line.
        return new(string.Join(' ', subject.Render(context).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
            text.Render(context),
            html.Render(context, HtmlEncoder.Default));
    }
}
