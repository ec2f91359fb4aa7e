namespace WebConsole.Apis;

public sealed record Template(
    string Key, string Name, string Subject, string Audience = "YetToOptIn", int Version = 1, bool IsBuiltIn = false, bool IsCustomised = false, bool IsArchived = false, DateTimeOffset? UpdatedAt = null);

public sealed record TemplateDetail(
    string Key, string Name, string Audience, int Version, bool IsBuiltIn, bool IsCustomised, bool IsArchived, DateTimeOffset? UpdatedAt, string Subject, string Text, string? Html,
    IReadOnlyList<string>? Removed = null);

/// <summary>What somebody wrote: the body of a save, a check and a preview.</summary>
public sealed record TemplateDraft(string Name, string Audience, string Subject, string Text, string? Html);

public sealed record TemplateVersion(int Version, string Name, bool IsBuiltIn, DateTimeOffset? SavedAt, string? SavedBy);

public sealed record MergeFields(IReadOnlyList<MergeField> Items, IReadOnlyList<string> Filters, IReadOnlyList<string> Tags);

public sealed record MergeField(string Name, string Description, string Example, IReadOnlyList<string> Audiences, IReadOnlyList<string> RequiredFor);

public sealed record RenderedMessage(string Subject, string Text, string Html, IReadOnlyList<string> Missing, IReadOnlyList<string> Removed);

public sealed partial class OutreachApi
{
    public async Task<IReadOnlyList<Template>> Templates(CancellationToken ct, bool includeArchived = false) =>
        (await Get<Page<Template>>(includeArchived ? "/v1/templates?includeArchived=true" : "/v1/templates", ct)).Items;

    public Task<Versioned<TemplateDetail>> Template(string key, CancellationToken ct) => GetVersioned<TemplateDetail>(At(key), ct);

    public async Task<IReadOnlyList<TemplateVersion>> TemplateVersions(string key, CancellationToken ct) => (await Get<Page<TemplateVersion>>($"{At(key)}/versions", ct)).Items;

    public Task<TemplateDraft> TemplateVersion(string key, int version, CancellationToken ct) => Get<TemplateDraft>($"{At(key)}/versions/{version}", ct);

    public Task<MergeFields> MergeFields(CancellationToken ct) => Get<MergeFields>("/v1/templates/merge-fields", ct);

    public Task<Versioned<TemplateDetail>> Create(TemplateDraft draft, CancellationToken ct) => Save<TemplateDetail>(HttpMethod.Post, "/v1/templates", draft, null, ct);

    public Task<Versioned<TemplateDetail>> Save(string key, TemplateDraft draft, string tag, CancellationToken ct) => Save<TemplateDetail>(HttpMethod.Put, At(key), draft, tag, ct);

    public Task<Versioned<TemplateDetail>> Archive(string key, CancellationToken ct) => Save<TemplateDetail>(HttpMethod.Post, $"{At(key)}/archive", null, null, ct);

    public Task<Versioned<TemplateDetail>> Restore(string key, CancellationToken ct) => Save<TemplateDetail>(HttpMethod.Post, $"{At(key)}/restore", null, null, ct);

    /// <summary>How it reads with examples; a problem with flaws where it could not be saved.</summary>
    public Task<RenderedMessage> Render(TemplateDraft draft, CancellationToken ct) =>
        Post<RenderedMessage>("/v1/templates/render", new { draft.Audience, draft.Subject, draft.Text, draft.Html }, ct);

    public Task TestSend(string key, string address, TemplateDraft draft, CancellationToken ct) =>
        Do(HttpMethod.Post, $"{At(key)}/test-send", new { address, draft.Subject, draft.Text, draft.Html }, ct);

    private static string At(string key) => $"/v1/templates/{Uri.EscapeDataString(key)}";
}
