using Npgsql;

namespace Outreach;

internal static class Sql
{
    /// <summary>The values of <c>$1</c>, <c>$2</c> and so on.</summary>
    public static NpgsqlCommand With(this NpgsqlCommand command, params object[] values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return command;
    }
}
