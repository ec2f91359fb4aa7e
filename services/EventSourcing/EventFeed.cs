using System.Globalization;
using System.Text;
using System.Text.Json;
using JasperFx.Events;
using Marten;
using Marten.Events;
using MassTransit.Serialization;
using Microsoft.AspNetCore.WebUtilities;
using Npgsql;

namespace EventSourcing;

/// <summary>One event as it went out on the broker.</summary>
/// <param name="Cursor">The place of this event in the feed. Give it as <c>after</c> to go on behind it.</param>
/// <param name="MessageId">The event's id: the AMQP property <c>message_id</c> of the same message on the broker.</param>
/// <param name="Type">Name of the contract.</param>
/// <param name="RoutingKey">The routing key of the same message on the exchange <c>events</c>.</param>
/// <param name="CorrelationId">What belongs together: the AMQP property <c>correlation_id</c>.</param>
/// <param name="Headers">The AMQP headers <c>organization</c>, <c>subject</c>, <c>causation-id</c>, <c>traceparent</c>.</param>
/// <param name="Body">The body, as on the broker.</param>
public sealed record FeedItem(
    string Cursor, Guid MessageId, string Type, string RoutingKey, string? CorrelationId, IReadOnlyDictionary<string, string> Headers, JsonElement Body);

/// <summary>Some events of an organization, oldest first.</summary>
/// <param name="Items">The events; none where nothing was found before the page ended.</param>
/// <param name="Cursor">Where the page ended. Keep it, and give it as <c>after</c> for what follows.</param>
/// <param name="More">Is there something behind the cursor already? Even an empty page may have more: it looks through a bounded number of events.</param>
public sealed record FeedPage(IReadOnlyList<FeedItem> Items, string Cursor, bool More);

/// <summary>
/// What this service has published, read from the event store: the same translation as the relay's, from the first event on. Ends at the
/// daemon's high-water mark, below which no transaction can put an event any more, so whoever goes on from a cursor misses none.
/// </summary>
internal sealed class EventFeed(string service, IntegrationMap map, IDocumentStore store, NpgsqlDataSource source)
{
    // However rare a type is, a page costs no more than reading this many index entries.
    private const int MostLookedAt = 10_000;
    private readonly IReadOnlyDictionary<string, IReadOnlyList<Type>> events = map.EventsOf;
    private readonly string schema = store.Options.Events.DatabaseSchemaName;

    /// <summary>The names one can filter by.</summary>
    public IEnumerable<string> Types => events.Keys.Order(StringComparer.Ordinal);

    /// <summary>The place a cursor stands for; null where it is none of ours. No cursor is the beginning of time.</summary>
    public async Task<long?> PlaceOf(string? cursor, CancellationToken ct) =>
        string.IsNullOrEmpty(cursor) ? 0 : Decode(cursor) is { } place && place <= await HighWaterMark(ct) ? place : null;

    /// <summary>The next page. Null: what follows was recorded by a newer version of this service, and only that can tell it.</summary>
    public async Task<FeedPage?> Read(string organization, long after, IReadOnlyCollection<string> types, int limit, CancellationToken ct)
    {
        var (mark, seen, last, all, strange) = await Look(organization, after, types, limit, ct);
        long[] found = [.. all.Where(sequence => !(sequence >= strange))];
        long[] wanted = [.. found.Take(limit)];
        if (wanted.Length == 0 && strange is not null)
        {
            return null;
        }

        var (end, more) = found.Length > limit || strange is not null ? (wanted[^1], true) : seen == MostLookedAt ? (last, true) : (Math.Max(mark, after), false);
        return new(wanted.Length == 0 ? [] : await Load(organization, wanted, ct), CursorOf(end), more);
    }

    internal long? Decode(string cursor)
    {
        try
        {
            return Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(cursor)).Split(' ') is [var name, var place] && name == service
                && long.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) ? sequence : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    internal string CursorOf(long place) => CursorOf(service, place);

    internal static string CursorOf(string service, long place) => WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes($"{service} {place.ToString(CultureInfo.InvariantCulture)}"));

    private async Task<(long Mark, long Seen, long Last, long[] Found, long? Strange)> Look(string organization, long after, IReadOnlyCollection<string> types, int limit, CancellationToken ct)
    {
        var graph = (EventGraph)((StoreOptions)store.Options).Events;
        var published = types.Count == 0 ? events.Values : types.Select(type => events[type]);
        await using var command = source.CreateCommand(Sql(schema));
        command.Parameters.AddWithValue("organization", organization);
        command.Parameters.AddWithValue("after", after);
        command.Parameters.AddWithValue("types", published.SelectMany(kinds => kinds).Select(kind => graph.EventMappingFor(kind).EventTypeName).ToArray());
        command.Parameters.AddWithValue("known", graph.AllKnownEventTypes().Select(type => type.EventTypeName).ToArray());
        command.Parameters.AddWithValue("most", MostLookedAt);
        command.Parameters.AddWithValue("limit", limit + 1);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var strangers = reader.GetFieldValue<string[]>(4).Zip(reader.GetFieldValue<long[]>(5)).Where(one => IsStrange(one.First)).ToArray();
        return (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetFieldValue<long[]>(3), strangers.Length == 0 ? null : strangers.Min(one => one.Second));
    }

    // As the store does: what was not registered is known if there is such a type.
    private static bool IsStrange(string kind) => Type.GetType(kind) is null;

    private async Task<IReadOnlyList<FeedItem>> Load(string organization, long[] sequences, CancellationToken ct)
    {
        await using var session = store.QuerySession(organization);
        var stored = await session.Events.QueryAllRawEvents().Where(e => e.Sequence.IsOneOf(sequences)).ToListAsync(ct);
        return [.. stored.OrderBy(e => e.Sequence).Select(ItemOf).OfType<FeedItem>()];
    }

    private FeedItem? ItemOf(IEvent @event)
    {
        var publication = map.Publications[@event.EventType];
        return publication.Translate(@event) is { } message
            ? new(
                CursorOf(@event.Sequence),
                @event.Id,
                publication.Message.Name,
                MessageHeaders.RoutingKeyOf(@event.TenantId, publication.Message),
                @event.CorrelationId,
                MessageHeaders.Of(@event),
                JsonSerializer.SerializeToElement(message, publication.Message, SystemTextJsonMessageSerializer.Options))
            : null;
    }

    private async Task<long> HighWaterMark(CancellationToken ct)
    {
        await using var command = source.CreateCommand($"select {Mark(schema)}");
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    internal static string Mark(string schema) => $"coalesce((select last_seq_id from {schema}.mt_event_progression where name = 'HighWaterMark'), 0)";

    internal static string Sql(string schema) => $"""
        with seen as materialized (
          select seq_id, type, mt_dotnet_type as kind from {schema}.mt_events
          where tenant_id = @organization and seq_id > @after and seq_id <= {Mark(schema)}
          order by seq_id limit @most),
        strangers as materialized (select coalesce(kind, '') as kind, min(seq_id) as first from seen where type <> all(@known) group by 1)
        select {Mark(schema)}, (select count(*) from seen), coalesce((select max(seq_id) from seen), 0),
               array(select seq_id from seen where type = any(@types) order by seq_id limit @limit),
               array(select kind from strangers order by kind), array(select first from strangers order by kind)
        """;
}
