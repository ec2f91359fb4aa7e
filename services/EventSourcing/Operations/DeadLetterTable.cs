using Marten;
using Weasel.Postgresql.Tables;

namespace EventSourcing.Operations;

/// <summary>
/// Dead letters that were fetched from the broker's error queues, to be read page by page and dealt with one by one, which a queue does not
/// offer: what is taken from a queue to be looked at and put back is gone after the twentieth time, with the delivery limit that RabbitMQ 4 has.
/// </summary>
internal static class DeadLetterTable
{
    public static string NameIn(string schema) => $"{schema}.dead_letter";

    public static void AddTo(StoreOptions options)
    {
        var table = new Table(NameIn(options.DatabaseSchemaName));
        table.AddColumn("id", "uuid").NotNull().AsPrimaryKey();
        table.AddColumn("queue", "text").NotNull();
        table.AddColumn("kind", "text").NotNull();
        table.AddColumn("message_id", "text");
        table.AddColumn("contract", "text");
        table.AddColumn("organization", "text");
        table.AddColumn("subject", "text");
        table.AddColumn("sequence", "bigint");
        table.AddColumn("faulted_at", "timestamptz").NotNull();
        table.AddColumn("exception_type", "text");
        table.AddColumn("reason", "text");
        table.AddColumn("properties", "text").NotNull();
        table.AddColumn("body", "bytea").NotNull();

        // What a crash between keeping and acknowledging brings a second time is the same letter.
        table.Indexes.Add(new IndexDefinition("dead_letter_message") { Columns = ["queue", "message_id"], IsUnique = true });
        table.Indexes.Add(new IndexDefinition("dead_letter_queue") { Columns = ["queue", "id"] });
        options.Storage.ExtendedSchemaObjects.Add(table);
    }
}
