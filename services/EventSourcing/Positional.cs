using Npgsql;

namespace EventSourcing;

/// <summary>Positional parameters without ceremony.</summary>
public static class Positional
{
    /// <summary>The values of <c>$1</c>, <c>$2</c> and so on; null becomes NULL, whose type the statement says.</summary>
    public static NpgsqlCommand With(this NpgsqlCommand command, params ReadOnlySpan<object?> values)
    {
        Fill(command.Parameters, values);
        return command;
    }

    /// <summary>One statement more in a batch.</summary>
    public static void Add(this NpgsqlBatch batch, string sql, params ReadOnlySpan<object?> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        Fill(command.Parameters, values);
        batch.BatchCommands.Add(command);
    }

    private static void Fill(NpgsqlParameterCollection parameters, ReadOnlySpan<object?> values)
    {
        foreach (var value in values)
        {
            parameters.Add(new() { Value = value ?? DBNull.Value });
        }
    }
}
