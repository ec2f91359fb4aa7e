using Marten;
using Npgsql;

namespace Connections;

/// <summary>Commands that run on a connection of their own, or in a session.</summary>
internal static class Sql
{
    /// <summary>Runs a command on a connection of its own; answers the number of rows it touched.</summary>
    public static async Task<int> Run(this NpgsqlDataSource source, NpgsqlCommand command, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using (command)
        {
            command.Connection = connection;
            return await command.ExecuteNonQueryAsync(ct);
        }
    }

    /// <summary>
    /// Runs a command that answers a row for each it wrote: did it write any? Prepared once per connection: these are the statements that run for every
    /// refresh, and to parse and plan one costs the server more than to carry it out.
    /// </summary>
    public static async Task<bool> Wrote(this NpgsqlDataSource source, NpgsqlCommand command, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using (command)
        {
            command.Connection = connection;
            await command.PrepareAsync(ct);
            await using var reader = await command.ExecuteReaderAsync(ct);
            return await reader.ReadAsync(ct);
        }
    }

    /// <summary>The same within a session's transaction.</summary>
    public static async Task<bool> Wrote(this IDocumentSession session, NpgsqlCommand command, CancellationToken ct)
    {
        await using (command)
        {
            await using var reader = await session.ExecuteReaderAsync(command, ct);
            return await reader.ReadAsync(ct);
        }
    }

    /// <summary>Runs a command on a connection of its own and reads every row.</summary>
    public static async Task<IReadOnlyList<T>> Read<T>(this NpgsqlDataSource source, NpgsqlCommand command, Func<NpgsqlDataReader, T> row, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using (command)
        {
            command.Connection = connection;
            await using var reader = await command.ExecuteReaderAsync(ct);
            var rows = new List<T>();
            while (await reader.ReadAsync(ct))
            {
                rows.Add(row(reader));
            }

            return rows;
        }
    }
}
