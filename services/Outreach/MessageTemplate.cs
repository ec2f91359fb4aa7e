using EventSourcing;

namespace Outreach;

/// <summary>One version of a template, all but its words: what a message says is in no event.</summary>
public sealed record Edition(Guid TemplateId, string Key, string Name, string Audience, int Version, Guid VersionId);

/// <summary>Somebody wrote a new version, or the first one.</summary>
public sealed record TemplateSaved(Edition Edition, string By);

/// <summary>Somebody gave up the organization's own words for the built-in ones.</summary>
public sealed record BuiltInRestored(Edition Edition, string By);

/// <summary>Nothing more is to be sent with it. What was accepted before goes out.</summary>
public sealed record TemplateArchived(Edition Edition, string By);

/// <summary>It can be sent again.</summary>
public sealed record TemplateUnarchived(Edition Edition, string By);

/// <summary>A template of one organization. A built-in one has no stream as long as nobody has touched it.</summary>
/// <param name="Current">The version that is sent from now on.</param>
/// <param name="IsArchived">Is it out of use?</param>
/// <param name="IsCustomised">Are the words the organization's own?</param>
/// <param name="Revision">How many facts there are: what the ETag says.</param>
public sealed record MessageTemplate(Edition Current, bool IsArchived, bool IsCustomised, int Revision) : IStreamState<MessageTemplate>
{
    public Guid Id => Current.TemplateId;

    /// <summary>A key is unique in an organization, so it decides the id.</summary>
    public static Guid IdOf(string organization, string key) => StreamId.Of("message-template", organization, key);

    /// <summary>The built-in template as every organization finds it; null where the key is none of a built-in one.</summary>
    public static MessageTemplate? Untouched(string organization, string key) => Template.Find(key) is { } builtIn
        ? new(BuiltIn(IdOf(organization, key), builtIn, 1), false, false, 0)
        : null;

    /// <summary>The built-in words as a version of an organization's template.</summary>
    public static Edition BuiltIn(Guid id, Template builtIn, int version) =>
        new(id, builtIn.Key, builtIn.Name, builtIn.Audience.ToString(), version, BuiltInTemplates.VersionId(builtIn, version));

    public static MessageTemplate? Fold(MessageTemplate? state, object @event) => @event switch
    {
        TemplateSaved e => Next(state, e.Edition, isArchived: false, isCustomised: true),
        BuiltInRestored e => Next(state, e.Edition, isArchived: false, isCustomised: false),
        TemplateArchived e => Next(state, e.Edition, isArchived: true, state?.IsCustomised ?? false),
        TemplateUnarchived e => Next(state, e.Edition, isArchived: false, state?.IsCustomised ?? false),
        _ => state is null ? null : state with { Revision = state.Revision + 1 },
    };

    private static MessageTemplate Next(MessageTemplate? state, Edition edition, bool isArchived, bool isCustomised) =>
        new(edition, isArchived, isCustomised, (state?.Revision ?? 0) + 1);
}
