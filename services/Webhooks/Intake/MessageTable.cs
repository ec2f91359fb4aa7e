using EventSourcing;
using Npgsql;
using NpgsqlTypes;
using Weasel.Postgresql.Tables;

namespace Webhooks.Intake;

/// <summary>
/// Every message of every organization, for as long as it can be replayed, and with it the deliveries it makes: one commit, before the broker is told that it may forget
/// the message. The same message again makes nothing.
/// </summary>
public sealed class MessageTable(NpgsqlDataSource source, TimeProvider clock)
{
    private readonly Lock gate = new();
    private long last;

    public static Table Messages()
    {
        var table = new Table("webhooks.message");
        table.AddColumn<string>("tenant_id").AsPrimaryKey();
        table.AddColumn<Guid>("message_id").AsPrimaryKey();

        // Microseconds since 1970, one after the other: when it was taken in, and in which order.
        table.AddColumn("position", "bigint").NotNull();
        table.AddColumn("type", "text").NotNull();
        table.AddColumn("subject", "text").NotNull();
        table.AddColumn("sequence", "bigint").NotNull();
        table.AddColumn("trace", "text");
        table.AddColumn("only_for", "uuid");
        table.AddColumn("body", "bytea").NotNull();
        table.Indexes.Add(new IndexDefinition("message_by_position") { Columns = ["tenant_id", "position", "message_id"] });
        table.Indexes.Add(new IndexDefinition("message_by_type") { Columns = ["tenant_id", "type", "position"] });
        table.Indexes.Add(new IndexDefinition("message_age") { Columns = ["position"] });
        return table;
    }

    public static long PositionOf(DateTimeOffset moment) => (moment - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset MomentOf(long position) => DateTimeOffset.UnixEpoch + TimeSpan.FromTicks(position * TimeSpan.TicksPerMicrosecond);

    /// <summary>Throws where the database does not answer.</summary>
    public async Task Answers(CancellationToken ct)
    {
        await using var command = source.CreateCommand("select 1");
        await command.ExecuteScalarAsync(ct);
    }

    /// <summary>Takes messages in, in this order: for one endpoint, whatever its filter, or for all that want them. Answers how many were new.</summary>
    public async Task<int> TakeIn(IReadOnlyList<IncomingMessage> messages, CancellationToken ct, Guid? onlyFor = null)
    {
        var first = Positions(messages.Count);
        await using var command = source.CreateCommand("""
            with new as (
                insert into webhooks.message (tenant_id, message_id, position, type, subject, sequence, trace, body, only_for)
                select *, $9::uuid from unnest($1, $2, $3, $4, $5, $6, $7, $8)
                on conflict do nothing
                returning tenant_id, message_id, position, type, subject, sequence),
            planned as (
                insert into webhooks.delivery (tenant_id, endpoint_id, message_id, position, type, subject, sequence, state, is_test, next_at)
                select n.tenant_id, e.endpoint_id, n.message_id, n.position, n.type, n.subject, n.sequence, 'Waiting', $9::uuid is not null, $10
                from new n join webhooks.endpoint e on e.tenant_id = n.tenant_id
                    and (e.endpoint_id = $9 or ($9::uuid is null and (e.types = '{}' or n.type = any(e.types))))
                returning tenant_id, endpoint_id, subject),
            lanes as (
                -- Locked in one order by all who lock several. A lane that is there is touched, so that nobody ends it before this is committed.
                insert into webhooks.lane as l (tenant_id, endpoint_id, subject, is_test, due_at)
                select distinct tenant_id, endpoint_id, subject, $9::uuid is not null, $10::timestamptz from planned order by 1, 2, 3
                on conflict (tenant_id, endpoint_id, subject) do update set is_test = l.is_test
                returning 1)
            select (select count(*) from new)::int, (select count(*) from lanes)::int
            """).With(
            messages.Select(message => message.Organization).ToArray(),
            messages.Select(message => message.Id).ToArray(),
            messages.Select((_, i) => first + i).ToArray(),
            messages.Select(message => message.Type).ToArray(),
            messages.Select(message => message.Subject).ToArray(),
            messages.Select(message => message.Sequence).ToArray(),
            messages.Select(message => message.Trace).ToArray(),
            messages.Select(message => message.Body).ToArray(),
            onlyFor,
            clock.GetUtcNow());
        command.Parameters[6].NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text;
        command.Parameters[7].NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea;
        return (int)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>Which of these types the organization has had a message of.</summary>
    public async Task<IReadOnlyList<string>> Seen(string organization, IReadOnlyCollection<string> types, CancellationToken ct)
    {
        await using var command = source.CreateCommand("""
            select t from unnest($2) t where exists (select 1 from webhooks.message where tenant_id = $1 and type = t and only_for is null)
            """).With(organization, types.ToArray());
        var seen = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            seen.Add(reader.GetString(0));
        }

        return seen;
    }

    // Never the same twice in this process, and never going back with the clock.
    private long Positions(int count)
    {
        lock (gate)
        {
            var first = Math.Max(last + 1, PositionOf(clock.GetUtcNow()));
            last = first + count - 1;
            return first;
        }
    }
}
