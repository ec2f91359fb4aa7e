using EventSourcing;
using Marten;
using Weasel.Postgresql.Tables;

namespace Outreach;

/// <summary>
/// What templates say, and which version of each is current: plain tables, written in the transaction that records the fact. The words are here
/// and in no event, since events are kept and passed on for ever.
/// </summary>
internal static class TemplateTables
{
    private const string Schema = "outreach";

    /// <summary>Every version that was saved or sent. Rows are never changed.</summary>
    public static Table Versions()
    {
        var table = new Table($"{Schema}.template_version");
        table.AddColumn<string>("tenant_id").AsPrimaryKey();
        table.AddColumn<Guid>("version_id").AsPrimaryKey();
        table.AddColumn("key", "text").NotNull();
        table.AddColumn("version", "integer").NotNull();
        table.AddColumn("name", "text").NotNull();
        table.AddColumn("audience", "text").NotNull();
        table.AddColumn("subject", "text").NotNull();
        table.AddColumn("text", "text").NotNull();
        table.AddColumn("html", "text");
        table.AddColumn("saved_at", "timestamptz").NotNull();
        return table;
    }

    /// <summary>The current version of each template that somebody has touched.</summary>
    public static Table Current()
    {
        var table = new Table($"{Schema}.template");
        table.AddColumn<string>("tenant_id").AsPrimaryKey();
        table.AddColumn<string>("key").AsPrimaryKey();
        table.AddColumn<Guid>("version_id").NotNull();
        table.AddColumn("version", "integer").NotNull();
        table.AddColumn("is_archived", "boolean").NotNull();
        table.AddColumn("is_customised", "boolean").NotNull();
        table.AddColumn("revision", "integer").NotNull();
        table.AddColumn("updated_at", "timestamptz").NotNull();
        return table;
    }

    /// <summary>Keeps a version; nothing where it is kept already.</summary>
    public static void AddVersion(IDocumentOperations operations, Guid versionId, int version, Template template, DateTimeOffset now) =>
        operations.QueueSqlCommand(
            """
            insert into outreach.template_version (tenant_id, version_id, key, version, name, audience, subject, text, html, saved_at)
            values (?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''), ?) on conflict do nothing
            """,
            operations.TenantId, versionId, template.Key, version, template.Name, template.Audience.ToString(), template.Words.Subject, template.Words.Text,
            template.Words.Html ?? "", now);

    /// <summary>
    /// Decides on a template of the session's organization and saves: the facts in its stream, the words and what is current in the tables.
    /// A built-in template that nobody has touched is there all the same.
    /// </summary>
    /// <param name="session">Of the organization.</param>
    /// <param name="key">The template.</param>
    /// <param name="decide">Sees the template; null where there is none.</param>
    /// <param name="words">What a saved version says.</param>
    /// <param name="expected">The revision the caller has seen, where it names one.</param>
    /// <param name="now">When it is.</param>
    /// <param name="ct">Gives up before the save.</param>
    public static Task<Outcome<MessageTemplate>> DecideAndSaveTemplate(
        this StreamSession session, string key, Func<MessageTemplate?, Decision> decide, TemplateText? words, long? expected, DateTimeOffset now, CancellationToken ct)
    {
        MessageTemplate? before = null;
        Decision decision = Decision.Nothing;
        return session.DecideAndSave<MessageTemplate>(
            MessageTemplate.IdOf(session.Organization, key),
            state => decision = decide((before = state) ?? MessageTemplate.Untouched(session.Organization, key)),
            ct,
            expected,
            alongside: operations =>
            {
                if (decision is Decision.Recorded { Events: var events })
                {
                    foreach (var @event in events)
                    {
                        AddVersion(operations, @event, words, now);
                    }

                    Put(operations, StreamFold<MessageTemplate>.Of(events, before)!, now);
                }
            });
    }

    private static void AddVersion(IDocumentOperations operations, object @event, TemplateText? words, DateTimeOffset now)
    {
        switch (@event)
        {
            case TemplateSaved { Edition: var saved }:
                AddVersion(operations, saved.VersionId, saved.Version, new(saved.Key, saved.Name, Enum.Parse<Audience>(saved.Audience), words!), now);
                break;
            case BuiltInRestored { Edition: var restored }:
                AddVersion(operations, restored.VersionId, restored.Version, Template.Find(restored.Key)!, now);
                break;
        }
    }

    private static void Put(IDocumentOperations operations, MessageTemplate state, DateTimeOffset now) => operations.QueueSqlCommand(
        """
        insert into outreach.template (tenant_id, key, version_id, version, is_archived, is_customised, revision, updated_at) values (?, ?, ?, ?, ?, ?, ?, ?)
        on conflict (tenant_id, key) do update set version_id = excluded.version_id, version = excluded.version, is_archived = excluded.is_archived,
            is_customised = excluded.is_customised, revision = excluded.revision, updated_at = excluded.updated_at
        """,
        operations.TenantId, state.Current.Key, state.Current.VersionId, state.Current.Version, state.IsArchived, state.IsCustomised, state.Revision, now);
}
