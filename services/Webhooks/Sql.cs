using Npgsql;

namespace Webhooks;

internal static class Sql
{
    /// <summary>The values of <c>$1</c>, <c>$2</c> and so on. A null needs its type said in the statement.</summary>
    public static NpgsqlCommand With(this NpgsqlCommand command, params object?[] values)
    {
        Fill(command.Parameters, values);
        return command;
    }

    /// <summary>One statement more in a batch.</summary>
    public static void Add(this NpgsqlBatch batch, string sql, params object?[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        Fill(command.Parameters, values);
        batch.BatchCommands.Add(command);
    }

    public static T? Value<T>(this NpgsqlDataReader reader, int column)
        where T : struct => reader.IsDBNull(column) ? null : reader.GetFieldValue<T>(column);

    public static string? Text(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static void Fill(NpgsqlParameterCollection parameters, object?[] values)
    {
        foreach (var value in values)
        {
            parameters.Add(new() { Value = value ?? DBNull.Value });
        }
    }
}
