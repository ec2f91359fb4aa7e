using JasperFx.Events;
using Marten;
using Marten.Exceptions;
using Microsoft.Extensions.DependencyInjection;

namespace EventSourcing;

/// <summary>
/// Reads and writes the streams of one organization; the one place where requests and workers save. Loads, decides, and appends under
/// the stream's version; a race that was lost is decided again on the newer state, unless the caller named the version it had seen.
/// </summary>
public sealed class StreamSession : IAsyncDisposable
{
    private const int Attempts = 5;
    private readonly IDocumentStore store;
    private readonly Lazy<IQuerySession> query;
    private readonly Lazy<string> organization;

    internal StreamSession(IDocumentStore store, Func<string> organization)
    {
        this.store = store;
        this.organization = new(organization);
        query = new(() => store.QuerySession(Organization));
    }

    /// <summary>The organization everything here belongs to.</summary>
    public string Organization => organization.Value;

    /// <summary>Reads documents and events of this organization only.</summary>
    public IQuerySession Query => query.Value;

    /// <summary>The state of a stream; null when it does not exist in this organization.</summary>
    public async Task<T?> Load<T>(Guid id, CancellationToken ct)
        where T : class, IStreamState<T>
        => StreamFold<T>.Of(await Facts(id, ct));

    /// <summary>The events of a stream in their order, without those that only a newer version knows; none when it does not exist in this organization.</summary>
    public async Task<IReadOnlyList<IEvent>> Facts(Guid id, CancellationToken ct) => (await StoredStream.One(Query, id, ct)).Events;

    /// <summary>The same of many streams, each in its order.</summary>
    public async Task<ILookup<Guid, IEvent>> Facts(IReadOnlyCollection<Guid> ids, CancellationToken ct) =>
        (await StoredStream.Many(Query, ids, ct)).SelectMany(stream => stream.Value.Events).ToLookup(e => e.StreamId);

    /// <summary>Decides on one stream and saves what was decided. On a refusal nothing is saved.</summary>
    /// <param name="id">The stream; it need not exist yet.</param>
    /// <param name="decide">Sees the current state. Called again when a race was lost, so it must be pure.</param>
    /// <param name="ct">Gives up before the save.</param>
    /// <param name="expectedVersion">The version the caller has seen; another one is refused as <see cref="RefusalKind.LostRace"/>.</param>
    /// <param name="alongside">Documents to store in the same transaction; not run on a refusal.</param>
    /// <param name="within">Statements of the same transaction, run after the decision. Answers whether the caller still holds what it acts on; if not, nothing is saved and the outcome is <see cref="RefusalKind.LostRace"/>.</param>
    public async Task<Outcome<T>> DecideAndSave<T>(
        Guid id,
        Func<T?, Decision> decide,
        CancellationToken ct,
        long? expectedVersion = null,
        Action<IDocumentOperations>? alongside = null,
        Func<IDocumentSession, Decision, CancellationToken, Task<bool>>? within = null)
        where T : class, IStreamState<T>
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var session = Open();
            var stored = await StoredStream.One(session, id, ct);
            var (state, version) = (StreamFold<T>.Of(stored.Events), stored.Version);
            if (expectedVersion is { } seen && seen != version)
            {
                return new(id, state, version, EntityTag.Stale);
            }

            var outcome = Decide(session, new(id, version, state), decide);
            if (outcome.IsRefused)
            {
                return outcome;
            }

            alongside?.Invoke(session);
            try
            {
                if (within is not null)
                {
                    await session.BeginTransactionAsync(ct);
                    if (!await within(session, outcome.Decision, ct))
                    {
                        return new(id, state, version, EntityTag.Stale);
                    }

                    // The store commits only where it has something to save; what ran within is kept though nothing was decided.
                    session.QueueSqlCommand("select 1");
                }

                await session.SaveChangesAsync(ct);
                return outcome;
            }
            catch (Exception exception) when (Races.IsLost(exception) && attempt < Attempts)
            {
                if (expectedVersion is not null)
                {
                    return new(id, state, version, EntityTag.Stale);
                }
            }
        }
    }

    /// <summary>Decides on many streams of one kind and saves everything in one commit. A refusal of one stream leaves the others alone.</summary>
    public async Task<IReadOnlyList<Outcome<T>>> DecideAllAndSave<T>(
        IReadOnlyCollection<Guid> ids, Func<Guid, T?, Decision> decide, CancellationToken ct, Action<IDocumentOperations>? alongside = null)
        where T : class, IStreamState<T>
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var session = Open();
            var streams = await LoadedStream<T>.Many(session, ids, ct);
            var outcomes = ids.Distinct().Select(id => Decide(session, streams[id], state => decide(id, state))).ToArray();
            if (outcomes.All(outcome => outcome.IsRefused))
            {
                return outcomes;
            }

            alongside?.Invoke(session);
            try
            {
                await session.SaveChangesAsync(ct);
                return outcomes;
            }
            catch (Exception exception) when (Races.IsLost(exception) && attempt < Attempts)
            {
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (query.IsValueCreated)
        {
            await query.Value.DisposeAsync();
        }
    }

    private static Outcome<T> Decide<T>(IDocumentSession session, LoadedStream<T> stream, Func<T?, Decision> decide)
        where T : class, IStreamState<T>
    {
        var decision = decide(stream.State);
        if (decision is not Decision.Recorded { Events.Count: > 0 } recorded)
        {
            return new(stream.Id, stream.State, stream.Version, decision);
        }

        var version = stream.Version + recorded.Events.Count;
        session.Events.Append(stream.Id, version, recorded.Events.Select(@event => EventMetadata.Stamp(session.Events.BuildEvent(@event))));
        return new(stream.Id, StreamFold<T>.Of(recorded.Events, stream.State), version, decision);
    }

    private IDocumentSession Open() => store.LightweightSession(Organization);
}

/// <summary>Opens sessions for work that no request started: workers that act for every organization.</summary>
public sealed class StreamSessions(IDocumentStore store)
{
    /// <summary>A session of one organization.</summary>
    public StreamSession For(string organization)
    {
        var scope = new OrganizationScope();
        scope.Bind(organization);
        return new(store, () => scope.Organization);
    }

    internal StreamSession For(IServiceProvider scope) => new(store, () => scope.GetRequiredService<OrganizationScope>().Organization);
}

/// <summary>A stream as it was read.</summary>
internal sealed record LoadedStream<T>(Guid Id, long Version, T? State)
    where T : class, IStreamState<T>
{
    public static async Task<IReadOnlyDictionary<Guid, LoadedStream<T>>> Many(IQuerySession session, IReadOnlyCollection<Guid> ids, CancellationToken ct) =>
        (await StoredStream.Many(session, ids, ct)).ToDictionary(
            stream => stream.Key, stream => new LoadedStream<T>(stream.Key, stream.Value.Version, StreamFold<T>.Of(stream.Value.Events)));
}

internal static class Races
{
    /// <summary>Somebody else appended to the stream, or opened it, between our read and our save.</summary>
    public static bool IsLost(Exception exception) => exception switch
    {
        JasperFx.ConcurrencyException or EventStreamUnexpectedMaxEventIdException or JasperFx.Events.ExistingStreamIdCollisionException => true,
        Npgsql.PostgresException { SqlState: Npgsql.PostgresErrorCodes.UniqueViolation or Npgsql.PostgresErrorCodes.DeadlockDetected or Npgsql.PostgresErrorCodes.SerializationFailure } => true,
        MartenCommandException { InnerException: { } inner } => IsLost(inner),
        AggregateException aggregate => aggregate.InnerExceptions.All(IsLost),
        _ => false,
    };
}
