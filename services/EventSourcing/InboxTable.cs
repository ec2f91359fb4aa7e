using Marten;
using Weasel.Postgresql.Tables;

namespace EventSourcing;

/// <summary>The messages a service has taken in, by endpoint and message id: written in the transaction of the events they led to.</summary>
internal static class InboxTable
{
    public static string NameIn(string schema) => $"{schema}.inbox";

    public static void AddTo(StoreOptions options)
    {
        var table = new Table($"{options.DatabaseSchemaName}.inbox");
        table.AddColumn("endpoint", "text").NotNull().AsPrimaryKey();
        table.AddColumn("message_id", "uuid").NotNull().AsPrimaryKey();
        table.AddColumn("received_at", "timestamptz").NotNull().DefaultValueByExpression("now()");
        table.Indexes.Add(new IndexDefinition("inbox_received_at") { Columns = ["received_at"] });
        options.Storage.ExtendedSchemaObjects.Add(table);
    }
}
