using EventSourcing;
using JasperFx.Events;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody looks at what a template said before, and who changed it.</summary>
public static class ListTemplateVersions
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/templates/{key}/versions", Handle)
            .WithName(nameof(ListTemplateVersions)).WithTags("Templates").WithSummary("The versions of a template, newest first").RequireScope("outreach.read")
            .WithDescription("Since when each held, and who saved it.")
            .Refuses(404, "template.unknown");
        routes.MapGet("/v1/templates/{key}/versions/{version:int}", HandleOne)
            .WithName("ViewTemplateVersion").WithTags("Templates").WithSummary("What one version of a template says").RequireScope("outreach.read")
            .WithDescription("What was sent with this version says this.")
            .Refuses(404, "template.unknown", "template.version-unknown");
    }

    /// <summary>One version. The first of a built-in template is nobody's: it has neither time nor author.</summary>
    public sealed record Item(int Version, Guid VersionId, string Name, Audience Audience, bool IsBuiltIn, DateTimeOffset? SavedAt, string? SavedBy);

    public sealed record Response(IReadOnlyList<Item> Items);

    public sealed record Words(int Version, Guid VersionId, string Name, Audience Audience, string Subject, string Text, string? Html);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(string key, StreamSession session, CancellationToken ct) =>
        await Versions(key, session, ct) is { Count: > 0 } versions
            ? TypedResults.Ok(new Response([.. versions.OrderByDescending(item => item.Version)]))
            : TemplateProblems.Unknown;

    private static async Task<Results<Ok<Words>, ProblemHttpResult>> HandleOne(
        string key, int version, StreamSession session, TemplateShelf shelf, CancellationToken ct)
    {
        var found = (await Versions(key, session, ct)).FirstOrDefault(item => item.Version == version);
        return found is not null && await shelf.Of(session.Organization, found.VersionId, ct) is { } template
            ? TypedResults.Ok(new Words(version, found.VersionId, found.Name, found.Audience, template.Words.Subject, template.Words.Text, template.Words.Html))
            : TemplateProblems.Unknown;
    }

    private static async Task<IReadOnlyList<Item>> Versions(string key, StreamSession session, CancellationToken ct)
    {
        var events = await session.Facts(MessageTemplate.IdOf(session.Organization, key), ct);
        var saved = events.Select(Of).OfType<Item>();
        return MessageTemplate.Untouched(session.Organization, key) is { Current: var first }
            ? [new(first.Version, first.VersionId, first.Name, Enum.Parse<Audience>(first.Audience), true, null, null), .. saved]
            : [.. saved];
    }

    private static Item? Of(IEvent stored) => stored.Data switch
    {
        TemplateSaved e => Of(e.Edition, false, stored, e.By),
        BuiltInRestored e => Of(e.Edition, true, stored, e.By),
        _ => null,
    };

    private static Item Of(Edition edition, bool isBuiltIn, IEvent stored, string by) =>
        new(edition.Version, edition.VersionId, edition.Name, Enum.Parse<Audience>(edition.Audience), isBuiltIn, stored.Timestamp.ToUniversalTime(), by);
}
