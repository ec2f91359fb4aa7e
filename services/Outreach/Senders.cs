using System.Globalization;
using Marten;
using Npgsql;
using Outreach.Channels.Email;
using Weasel.Postgresql.Tables;

namespace Outreach;

/// <summary>What an organization set, as it set it; null where it left the choice to the installation.</summary>
public sealed record SenderRow(
    string? Name, string? Address, string? ReplyTo, string? CopyTo, int? PerMinute, int? DailyCap, TimeOnly? QuietFrom, TimeOnly? QuietUntil, string TimeZone)
{
    /// <summary>Nothing set.</summary>
    public static SenderRow Default { get; } = new(null, null, null, null, null, null, null, null, "UTC");
}

/// <summary>As whom and how fast each organization writes.</summary>
public sealed class Senders(NpgsqlDataSource source, SmtpOptions smtp)
{
    public static Table Table()
    {
        var table = new Table("outreach.sender");
        table.AddColumn<string>("tenant_id").AsPrimaryKey();
        table.AddColumn("revision", "bigint").NotNull();
        table.AddColumn("name", "text");
        table.AddColumn("address", "text");
        table.AddColumn("reply_to", "text");
        table.AddColumn("copy_to", "text");
        table.AddColumn("per_minute", "int");
        table.AddColumn("daily_cap", "int");
        table.AddColumn("quiet_from", "time");
        table.AddColumn("quiet_until", "time");
        table.AddColumn("time_zone", "text").NotNull();
        return table;
    }

    /// <summary>The sender in force: what the organization set, and the installation's address where it set none.</summary>
    public async Task<Sender> Of(string organization, CancellationToken ct)
    {
        var (row, _) = await Read(organization, ct);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(row.TimeZone);
        return new(row.Name, row.Address ?? smtp.From, row.ReplyTo, row.CopyTo, new(row.PerMinute, row.DailyCap, row.QuietFrom, row.QuietUntil, zone));
    }

    /// <summary>What the organization set, and how often it was changed.</summary>
    public async Task<(SenderRow Row, long Revision)> Read(string organization, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            select name, address, reply_to, copy_to, per_minute, daily_cap, quiet_from, quiet_until, time_zone, revision from outreach.sender where tenant_id = $1
            """);
        command.Parameters.Add(new() { Value = organization });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct)
            ? (new(Text(0), Text(1), Text(2), Text(3), Number(4), Number(5), Time(6), Time(7), reader.GetString(8)), reader.GetInt64(9))
            : (SenderRow.Default, 0);

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
        int? Number(int column) => reader.IsDBNull(column) ? null : reader.GetInt32(column);
        TimeOnly? Time(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<TimeOnly>(column);
    }

    /// <summary>In the transaction that records the change.</summary>
    public static void Write(IDocumentOperations operations, SenderRow row, long revision) => operations.QueueSqlCommand(
        """
        insert into outreach.sender (tenant_id, revision, name, address, reply_to, copy_to, per_minute, daily_cap, quiet_from, quiet_until, time_zone)
        values (?, ?, nullif(?, ''), nullif(?, ''), nullif(?, ''), nullif(?, ''), nullif(?, 0), nullif(?, 0), nullif(?, '')::time, nullif(?, '')::time, ?)
        on conflict (tenant_id) do update set revision = excluded.revision, name = excluded.name, address = excluded.address, reply_to = excluded.reply_to,
            copy_to = excluded.copy_to, per_minute = excluded.per_minute, daily_cap = excluded.daily_cap, quiet_from = excluded.quiet_from,
            quiet_until = excluded.quiet_until, time_zone = excluded.time_zone
        """,
        operations.TenantId, revision, row.Name ?? "", row.Address ?? "", row.ReplyTo ?? "", row.CopyTo ?? "", row.PerMinute ?? 0, row.DailyCap ?? 0,
        Text(row.QuietFrom), Text(row.QuietUntil), row.TimeZone);

    private static string Text(TimeOnly? time) => time?.ToString("HH:mm", CultureInfo.InvariantCulture) ?? "";
}
