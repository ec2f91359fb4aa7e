using Marten;
using Weasel.Postgresql.Tables;

namespace EventSourcing.Operations;

/// <summary>What the replica that leads a shard says of it, and what operators ask of whichever replica that is.</summary>
internal static class ShardTables
{
    public static string State(string schema) => $"{schema}.shard_state";

    public static string Redrive(string schema) => $"{schema}.shard_redrive";

    public static void AddTo(StoreOptions options)
    {
        var state = new Table(State(options.DatabaseSchemaName));
        state.AddColumn("shard", "text").NotNull().AsPrimaryKey();
        state.AddColumn("state", "text").NotNull();
        state.AddColumn("node", "text").NotNull();
        state.AddColumn("noted_at", "timestamptz").NotNull();
        state.AddColumn("error_type", "text");
        state.AddColumn("error_at", "timestamptz");
        options.Storage.ExtendedSchemaObjects.Add(state);

        var redrive = new Table(Redrive(options.DatabaseSchemaName));
        redrive.AddColumn("shard", "text").NotNull().AsPrimaryKey();
        redrive.AddColumn("asked_at", "timestamptz").NotNull();
        redrive.AddColumn("done_at", "timestamptz");
        redrive.AddColumn("done_by", "text");
        options.Storage.ExtendedSchemaObjects.Add(redrive);
    }
}
