using System.Data.Common;
using Marten;
using Marten.Events;
using Weasel.Core;
using Weasel.Core.Migrations;
using Weasel.Postgresql;

namespace EventSourcing;

/// <summary>
/// The index behind the feed: one organization's events in the order of the store. Marten indexes an organization's events by stream and
/// all events by number; with those alone the feed of a small organization would read the events of all the large ones.
/// </summary>
internal sealed class FeedIndex(string schema) : FeatureSchemaBase("event_feed", new PostgresqlMigrator())
{
    public const string Name = "mt_events_by_organization";

    public override IEnumerable<Type> DependentTypes() => [typeof(EventGraph)];

    public static void AddTo(StoreOptions options)
    {
        options.Storage.Add(new FeedIndex(options.DatabaseSchemaName));
        options.Events.IgnoreIndex(Name);
    }

    protected override IEnumerable<ISchemaObject> schemaObjects() => [new Index(schema)];

    private sealed class Index(string schema) : ISchemaObject
    {
        public DbObjectName Identifier { get; } = new PostgresqlObjectName(schema, Name, SchemaUtils.IdentifierUsage.General);

        public void WriteCreateStatement(Migrator migrator, TextWriter writer) =>
            writer.WriteLine($"create index if not exists {Name} on {schema}.mt_events (tenant_id, seq_id);");

        public void WriteDropStatement(Migrator rules, TextWriter writer) => writer.WriteLine($"drop index if exists {Identifier};");

        public void ConfigureQueryCommand(Weasel.Core.DbCommandBuilder builder) =>
            builder.Append($"select count(*) from pg_indexes where schemaname = '{schema}' and indexname = '{Name}';");

        public async Task<ISchemaObjectDelta> CreateDeltaAsync(DbDataReader reader, CancellationToken ct = default)
        {
            var exists = await reader.ReadAsync(ct) && await reader.GetFieldValueAsync<long>(0, ct) > 0;
            return new SchemaObjectDelta(this, exists ? SchemaPatchDifference.None : SchemaPatchDifference.Create);
        }

        public IEnumerable<DbObjectName> AllNames() => [Identifier];
    }
}
