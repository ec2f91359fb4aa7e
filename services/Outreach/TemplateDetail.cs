using System.Text.Json.Serialization;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Outreach;

/// <summary>A template with its words, as the API shows it.</summary>
/// <param name="Key">Its name in requests.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Audience">Whom it is meant for.</param>
/// <param name="Version">Counts the versions from 1; a built-in template begins with its built-in words.</param>
/// <param name="VersionId">Names exactly these words.</param>
/// <param name="IsBuiltIn">Does every organization have a template of this key?</param>
/// <param name="IsCustomised">Are the words the organization's own?</param>
/// <param name="IsArchived">Is it out of use?</param>
/// <param name="UpdatedAt">When it last changed; null for a built-in one that nobody has touched.</param>
/// <param name="Subject">One line, with merge fields.</param>
/// <param name="Text">The plain text.</param>
/// <param name="Html">What stands inside the layout; null where it is made from the plain text.</param>
/// <param name="Fields">The merge fields it uses.</param>
public sealed record TemplateDetail(
    string Key, string Name, Audience Audience, int Version, Guid VersionId, bool IsBuiltIn, bool IsCustomised, bool IsArchived, DateTimeOffset? UpdatedAt,
    string Subject, string Text, string? Html, IReadOnlyList<string> Fields)
{
    /// <summary>What was taken out of the HTML when it was saved just now; absent where nothing was saved.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Removed { get; init; }

    internal static TemplateDetail Of(TemplateEntry entry) => Of(
        entry.Shelved.Template, entry.Shelved.Version, entry.Shelved.VersionId, entry.IsCustomised, entry.Shelved.IsArchived, entry.UpdatedAt);

    internal static TemplateDetail Of(MessageTemplate state, TemplateText words, DateTimeOffset now) => Of(
        new(state.Current.Key, state.Current.Name, Enum.Parse<Audience>(state.Current.Audience), words),
        state.Current.Version, state.Current.VersionId, state.IsCustomised, state.IsArchived, now);

    private static TemplateDetail Of(Template template, int version, Guid versionId, bool isCustomised, bool isArchived, DateTimeOffset? updatedAt) => new(
        template.Key, template.Name, template.Audience, version, versionId, Template.Find(template.Key) is not null, isCustomised, isArchived, updatedAt,
        template.Words.Subject, template.Words.Text, template.Words.Html, TemplateRules.Check(template.Words, template.Audience).Fields);
}

/// <summary>The refusals that templates share.</summary>
internal static class TemplateProblems
{
    public static Decision NotThere { get; } = Decision.Unknown("template.unknown", "There is no template with this key. GET /v1/templates lists them.");

    public static Decision Archived { get; } = Decision.Refuse("template.archived", "This template is archived. Restore it first, or choose another one.");

    public static ProblemHttpResult Unknown => Problems.Of((Decision.Refused)NotThere);

    /// <summary>Everything that is wrong: as sentences under <c>errors</c>, like any invalid value, and with line and column under <c>flaws</c>.</summary>
    public static ProblemHttpResult Of(IReadOnlyList<TemplateFlaw> flaws)
    {
        var first = flaws[0];
        var problem = Problems.Of(422, first.Code, flaws.Count == 1 ? Sentence(first) : $"{Sentence(first)} There is more to put right: see flaws.");
        problem.ProblemDetails.Extensions["errors"] = flaws.GroupBy(flaw => flaw.Member).ToDictionary(group => group.Key, group => group.Select(Sentence).ToArray());
        problem.ProblemDetails.Extensions["flaws"] = flaws;
        return problem;
    }

    private static string Sentence(TemplateFlaw flaw) => flaw.Line is null ? flaw.Message : $"Line {flaw.Line}, column {flaw.Column} of the {flaw.Member}: {flaw.Message}";
}
