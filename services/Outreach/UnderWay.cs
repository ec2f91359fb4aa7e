using System.Text.RegularExpressions;
using Marten;
using Weasel.Core;
using Weasel.Postgresql.Tables;

namespace Outreach;

/// <summary>
/// What is under way: a row for each recipient that a worker holds, from the moment it takes them until their verdict is recorded. It says whether their message
/// has begun to leave and what the mail server answered.
/// </summary>
/// <remarks>
/// The table is unlogged: a mark costs no write to disk, outlives every process of ours and a database that is restarted, and is empty after the database crashed or a
/// standby took its place. That is no loss but news: a recipient who is held and has no row here is one of whom nobody knows whether their message left, so they are in
/// doubt and not written to again. Nothing is ever taken for "has not left" because a mark is missing.
/// </remarks>
public static partial class UnderWay
{
    public static Table Table()
    {
        var table = new UnloggedTable("outreach.under_way");
        table.AddColumn<Guid>("delivery_id").AsPrimaryKey();
        table.AddColumn<Guid>("lease").NotNull();
        table.AddColumn("attempt", "int").NotNull().DefaultValueByExpression("0");
        table.AddColumn("begun_at", "timestamptz");
        table.AddColumn("answer", "text");
        table.AddColumn("answer_reason", "text");
        return table;
    }

    /// <summary>In the transaction that records what became of them, or that they are nobody's again.</summary>
    public static void Forget(IDocumentOperations operations, IReadOnlyCollection<Guid> deliveries)
    {
        if (deliveries.Count > 0)
        {
            operations.QueueSqlCommand("delete from outreach.under_way where delivery_id = any(?)", deliveries.ToArray());
        }
    }

    // The library that keeps our schema knows logged tables only; it compares columns and keys, which are the same.
    private sealed partial class UnloggedTable(string name) : Table(name)
    {
        public override void WriteCreateStatement(Migrator migrator, TextWriter writer)
        {
            using var logged = new StringWriter();
            base.WriteCreateStatement(migrator, logged);
            writer.Write(CreateTable().Replace(logged.ToString(), "CREATE UNLOGGED TABLE", 1));
        }

        [GeneratedRegex("CREATE TABLE", RegexOptions.IgnoreCase)]
        private static partial Regex CreateTable();
    }
}
