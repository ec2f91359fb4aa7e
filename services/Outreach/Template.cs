using System.Collections.Frozen;
using System.Reflection;
using System.Text.Encodings.Web;
using Fluid;
using Fluid.Ast;

namespace Outreach;

/// <summary>Whom a template is meant for.</summary>
public enum Audience
{
    YetToOptIn,
    HasLostAccess,
    MarketplaceInvitee,
}

/// <summary>A message ready to send. Personal data: it lives as long as the sending does and is stored nowhere.</summary>
public sealed record Letter(string Subject, string Text, string Html);

/// <summary>A message with merge fields in Liquid, as subject, plain text and HTML.</summary>
public sealed class Template
{
    private static readonly FluidParser Parser = new();
    private static readonly TemplateOptions Options = new() { MemberAccessStrategy = new UnsafeMemberAccessStrategy() };

    private readonly IFluidTemplate subject;
    private readonly IFluidTemplate text;
    private readonly IFluidTemplate html;

    public Template(string key, string name, Audience audience, string subject, string text, string html)
    {
        (Key, Name, Audience, Subject) = (key, name, audience, subject.Trim());
        (this.subject, this.text, this.html) = (Parser.Parse(Subject), Parser.Parse(text), Parser.Parse(html));
        Fields = [.. new[] { this.subject, this.text, this.html }.SelectMany(FieldsOf.Find).Distinct()];
    }

    public string Key { get; }

    public string Name { get; }

    public Audience Audience { get; }

    /// <summary>The subject as it was written, merge fields and all.</summary>
    public string Subject { get; }

    /// <summary>Every merge field the message shows, e.g. <c>creator.firstName</c>.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>Does the message show an invitation to the Creator Hub?</summary>
    public bool CarriesInvitation => Fields.Contains("invitation.url");

    /// <summary>The built-in templates, in the order people see them.</summary>
    public static IReadOnlyList<Template> BuiltIn { get; } =
    [
        Read("creator-hub-invitation", "Creator Hub invitation", Audience.YetToOptIn),
        Read("ttcm-invite-link", "TTCM invite link", Audience.MarketplaceInvitee),
        Read("reconnect-request", "Reconnect request", Audience.HasLostAccess),
    ];

    private static readonly FrozenDictionary<string, Template> ByKey = BuiltIn.ToFrozenDictionary(template => template.Key);

    public static Template? Find(string? key) => key is null ? null : ByKey.GetValueOrDefault(key);

    /// <summary>The first merge field this recipient has no value for; null when the letter can be written.</summary>
    public string? MissingField(IReadOnlyDictionary<string, string?> values) =>
        Fields.FirstOrDefault(field => string.IsNullOrWhiteSpace(values.GetValueOrDefault(field)));

    public Letter Write(IReadOnlyDictionary<string, string?> values)
    {
        var context = new TemplateContext(Options);
        foreach (var group in values.GroupBy(value => value.Key.Split('.')[0], value => (Name: value.Key.Split('.')[1], value.Value)))
        {
            context.SetValue(group.Key, group.ToDictionary(field => field.Name, field => field.Value ?? ""));
        }

        // A line break in a name must not become a second header line.
        return new(string.Join(' ', subject.Render(context).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
            text.Render(context),
            html.Render(context, HtmlEncoder.Default));
    }

    private static Template Read(string key, string name, Audience audience) => new(key, name, audience,
        Resource($"{key}.subject.liquid"),
        Resource($"{key}.text.liquid"),
        // The layout knows nothing of a message and a message nothing of the layout: they meet before Liquid sees them.
        Resource("layout.liquid").Replace("<!-- message -->", Resource($"{key}.html.liquid"), StringComparison.Ordinal));

    private static string Resource(string path)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(path)
            ?? throw new InvalidOperationException($"The template file {path} is not part of the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Collects what a template prints. Read from the parsed template, so that an empty field is found before anything is rendered.</summary>
    private sealed class FieldsOf : AstVisitor
    {
        private readonly List<string> found = [];

        public static List<string> Find(IFluidTemplate template)
        {
            var visitor = new FieldsOf();
            visitor.VisitTemplate(template);
            return visitor.found;
        }

        protected override Expression VisitMemberExpression(MemberExpression memberExpression)
        {
            found.Add(string.Join('.', memberExpression.Segments.OfType<IdentifierSegment>().Select(segment => segment.Identifier)));
            return base.VisitMemberExpression(memberExpression);
        }
    }
}
