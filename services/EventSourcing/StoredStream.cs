using JasperFx.Events;
using Marten;
using Marten.Events;
using Npgsql;
using UnknownEventTypeException = Marten.Exceptions.UnknownEventTypeException;

namespace EventSourcing;

/// <summary>
/// A stream as it is stored, without facts that this version does not know: while one version takes another's place, replicas of both write to the same streams, and the older
/// one must be able to read and decide on. What works through all events in their order (the relay, projections, the feed) is not that lenient: it stops before such a fact and
/// leaves it to the newer version, or it would be told to nobody.
/// </summary>
/// <param name="Events">The facts, in their order.</param>
/// <param name="Version">The stream's version; 0 when there is none.</param>
internal sealed record StoredStream(IReadOnlyList<IEvent> Events, long Version)
{
    public static async Task<StoredStream> One(IQuerySession session, Guid id, CancellationToken ct)
    {
        try
        {
            return Of(await session.Events.FetchStreamAsync(id, token: ct));
        }
        catch (UnknownEventTypeException)
        {
            return (await Known(session, [id], ct))[id];
        }
    }

    public static async Task<IReadOnlyDictionary<Guid, StoredStream>> Many(IQuerySession session, IReadOnlyCollection<Guid> ids, CancellationToken ct)
    {
        var wanted = ids.Distinct().ToArray();
        try
        {
            var events = (await session.Events.QueryAllRawEvents().Where(e => e.StreamId.IsOneOf(wanted)).ToListAsync(ct)).ToLookup(e => e.StreamId);
            return wanted.ToDictionary(id => id, id => Of([.. events[id].OrderBy(e => e.Version)]));
        }
        catch (UnknownEventTypeException)
        {
            return await Known(session, wanted, ct);
        }
    }

    private static StoredStream Of(IReadOnlyList<IEvent> events) => new(events, events.Count == 0 ? 0 : events[^1].Version);

    // The versions first: a fact that comes between the two questions makes a decision too old to be saved, and is never overlooked.
    private static async Task<IReadOnlyDictionary<Guid, StoredStream>> Known(IQuerySession session, Guid[] wanted, CancellationToken ct)
    {
        var store = session.DocumentStore.Options.Events;
        await using var command = new NpgsqlCommand($"select id, version from {store.DatabaseSchemaName}.mt_streams where tenant_id = $1 and id = any($2)")
        {
            Parameters = { new() { Value = session.TenantId }, new() { Value = wanted } },
        };
        var versions = new Dictionary<Guid, long>();
        await using (var reader = await session.ExecuteReaderAsync(command, ct))
        {
            while (await reader.ReadAsync(ct))
            {
                versions[reader.GetGuid(0)] = reader.GetInt64(1);
            }
        }

        Type[] known = [.. store.AllKnownEventTypes().Select(type => type.EventType)];
        var events = (await session.Events.QueryAllRawEvents().Where(e => e.StreamId.IsOneOf(wanted) && e.EventTypesAre(known)).ToListAsync(ct)).ToLookup(e => e.StreamId);
        return wanted.ToDictionary(id => id, id => new StoredStream([.. events[id].OrderBy(e => e.Version)], versions.GetValueOrDefault(id)));
    }
}
