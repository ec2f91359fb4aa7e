using Marten;
using Microsoft.Extensions.Caching.Memory;
using Npgsql;

namespace Outreach;

/// <summary>One version of a template, ready to be filled in.</summary>
/// <param name="VersionId">Names these words for ever.</param>
/// <param name="Version">Which version of the template it is, counted from 1.</param>
/// <param name="IsArchived">Is the template out of use?</param>
/// <param name="Template">The words, parsed.</param>
public sealed record ShelvedTemplate(Guid VersionId, int Version, bool IsArchived, Template Template);

/// <summary>A template as settings show it.</summary>
/// <param name="Shelved">Its current version.</param>
/// <param name="IsCustomised">Are the words the organization's own?</param>
/// <param name="Revision">What the ETag says.</param>
/// <param name="UpdatedAt">When it last changed; null for a built-in one that nobody has touched.</param>
public sealed record TemplateEntry(ShelvedTemplate Shelved, bool IsCustomised, int Revision, DateTimeOffset? UpdatedAt);

/// <summary>Finds templates: the organization's own, and the built-in ones where it has none of its own.</summary>
public sealed class TemplateShelf(NpgsqlDataSource source, TimeProvider clock) : IDisposable
{
    // Versions never change, so what was read and parsed once is good for as long as there is room for it.
    private const int CachedVersions = 1000;
    private readonly MemoryCache cache = new(new MemoryCacheOptions { SizeLimit = CachedVersions });

    /// <summary>The version that is sent from now on; null where this organization has no template of that key.</summary>
    public async Task<ShelvedTemplate?> Current(string organization, string key, CancellationToken ct) => (await Find(organization, key, ct))?.Shelved;

    /// <summary>Any version that was ever saved or pinned; null where this organization has none of that id.</summary>
    public async Task<Template?> Of(string organization, Guid versionId, CancellationToken ct)
    {
        if (cache.TryGetValue<Template>((organization, versionId), out var cached))
        {
            return cached;
        }

        var template = await Read(organization, versionId, ct) ?? Template.BuiltIn.FirstOrDefault(builtIn => BuiltInTemplates.VersionId(builtIn, 1) == versionId);
        return template is null ? null : cache.Set((organization, versionId), template, new MemoryCacheEntryOptions { Size = 1 });
    }

    /// <summary>The template as settings show it; null where this organization has none of that key.</summary>
    public async Task<TemplateEntry?> Find(string organization, string key, CancellationToken ct) =>
        (await List(organization, key, ct)).FirstOrDefault();

    /// <summary>Every template of an organization, the archived included: the built-in ones first, its own after them by key.</summary>
    public Task<IReadOnlyList<TemplateEntry>> List(string organization, CancellationToken ct) => List(organization, null, ct);

    /// <summary>Keeps a version that something refers to, in the transaction of whatever does: a release with other built-in words, or none of an edit, must not take it away.</summary>
    public void Pin(IDocumentOperations operations, ShelvedTemplate template) =>
        TemplateTables.AddVersion(operations, template.VersionId, template.Version, template.Template, clock.GetUtcNow());

    /// <summary>The words of a template changed for one send, checked and sanitised as if they were saved. It is kept nowhere until it is pinned.</summary>
    public Task<(ShelvedTemplate? Template, IReadOnlyList<TemplateFlaw> Flaws)> Edited(ShelvedTemplate basis, MessageEdit edit)
    {
        var (key, name, audience) = (basis.Template.Key, basis.Template.Name, basis.Template.Audience);
        var words = edit.ApplyTo(basis.Template.Words);
        var checkedWords = TemplateRules.Check(words, audience);

        // HTML that is not changed is as it was saved; built-in HTML has never been through the sanitizer and need not.
        var text = edit.Html is null ? checkedWords.Text with { Html = words.Html } : checkedWords.Text;
        return Task.FromResult<(ShelvedTemplate?, IReadOnlyList<TemplateFlaw>)>(checkedWords.Flaws.Count > 0
            ? (null, checkedWords.Flaws)
            : (basis with { VersionId = Guid.CreateVersion7(), Template = new(key, name, audience, text) }, []));
    }

    public void Dispose() => cache.Dispose();

    private async Task<IReadOnlyList<TemplateEntry>> List(string organization, string? key, CancellationToken ct)
    {
        var rows = await ReadRows(organization, key, ct);
        var entries = new List<TemplateEntry>();
        foreach (var builtIn in Template.BuiltIn.Where(builtIn => key is null || builtIn.Key == key))
        {
            if (!rows.ContainsKey(builtIn.Key))
            {
                entries.Add(new(new(BuiltInTemplates.VersionId(builtIn, 1), 1, false, builtIn), false, 0, null));
            }
            else if (rows[builtIn.Key] is { IsCustomised: false } row)
            {
                // Who went back to the built-in words gets those of today.
                entries.Add(row.With(new(BuiltInTemplates.VersionId(builtIn, row.Version), row.Version, row.IsArchived, builtIn)));
            }
            else
            {
                await Add(rows[builtIn.Key]);
            }
        }

        foreach (var row in rows.Values.Where(row => row.IsCustomised && Template.Find(row.Key) is null).OrderBy(row => row.Key, StringComparer.Ordinal))
        {
            await Add(row);
        }

        return entries;

        async Task Add(Row row)
        {
            if (await Of(organization, row.VersionId, ct) is { } template)
            {
                entries.Add(row.With(new(row.VersionId, row.Version, row.IsArchived, template)));
            }
        }
    }

    private async Task<IReadOnlyDictionary<string, Row>> ReadRows(string organization, string? key, CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            """
            select key, version_id, version, is_archived, is_customised, revision, updated_at from outreach.template
            where tenant_id = $1 and ($2::text is null or key = $2)
            """);
        command.Parameters.Add(new() { Value = organization });
        command.Parameters.Add(new() { Value = (object?)key ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        var rows = new Dictionary<string, Row>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            rows[reader.GetString(0)] = new(reader.GetString(0), reader.GetGuid(1), reader.GetInt32(2), reader.GetBoolean(3), reader.GetBoolean(4),
                reader.GetInt32(5), reader.GetFieldValue<DateTimeOffset>(6));
        }

        return rows;
    }

    private async Task<Template?> Read(string organization, Guid versionId, CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            "select key, name, audience, subject, text, html from outreach.template_version where tenant_id = $1 and version_id = $2");
        command.Parameters.Add(new() { Value = organization });
        command.Parameters.Add(new() { Value = versionId });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct)
            ? new(reader.GetString(0), reader.GetString(1), Enum.Parse<Audience>(reader.GetString(2)),
                new(reader.GetString(3), reader.GetString(4), reader.IsDBNull(5) ? null : reader.GetString(5)))
            : null;
    }

    private sealed record Row(string Key, Guid VersionId, int Version, bool IsArchived, bool IsCustomised, int Revision, DateTimeOffset UpdatedAt)
    {
        public TemplateEntry With(ShelvedTemplate shelved) => new(shelved, IsCustomised, Revision, UpdatedAt.ToUniversalTime());
    }
}
