using Npgsql;

namespace Connections;

/// <summary>Positional parameters without ceremony.</summary>
internal static class Sql
{
    /// <summary>Adds $1, $2, ... in order; null becomes NULL.</summary>
    public static void With(this NpgsqlCommand command, params ReadOnlySpan<object?> values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }
    }
}
