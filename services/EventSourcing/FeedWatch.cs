using Marten;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace EventSourcing;

/// <summary>
/// Wakes those who wait for an organization's next event. However many wait, the store is asked once per look, how far it is and who has
/// news; nobody waits, nobody asks.
/// </summary>
/// <remarks>
/// The append signal would come too early: an event may be told of only when the daemon's high-water mark has passed it, a few
/// milliseconds later and perhaps in another replica.
/// </remarks>
internal sealed class FeedWatch(IDocumentStore store, NpgsqlDataSource source, IHostApplicationLifetime lifetime)
{
    /// <summary>How many may wait for one organization at a time, in one replica.</summary>
    public const int MostPerOrganization = 20;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);
    private readonly Dictionary<string, List<Waiter>> waiting = [];
    private readonly string schema = store.Options.Events.DatabaseSchemaName;
    private bool looking;

    /// <summary>Joins those who wait; null where too many do. Join first, look then, wait at last: so no event falls between.</summary>
    public Waiter? Join(string organization)
    {
        lock (waiting)
        {
            var others = waiting.TryGetValue(organization, out var known) ? known : waiting[organization] = [];
            if (others.Count >= MostPerOrganization)
            {
                return null;
            }

            var waiter = new Waiter(this, organization);
            others.Add(waiter);
            if (!looking)
            {
                looking = true;
                _ = Task.Run(Look);
            }

            return waiter;
        }
    }

    private void Leave(Waiter waiter)
    {
        lock (waiting)
        {
            if (waiting.TryGetValue(waiter.Organization, out var others) && others.Remove(waiter) && others.Count == 0)
            {
                waiting.Remove(waiter.Organization);
            }
        }
    }

    private async Task Look()
    {
        long? mark = null;
        while (true)
        {
            lock (waiting)
            {
                if (waiting.Count == 0 || lifetime.ApplicationStopping.IsCancellationRequested)
                {
                    looking = false;
                    return;
                }
            }

            try
            {
                var (now, organizations) = await News(mark, lifetime.ApplicationStopping);

                // Those who joined before the first look may have read before it: all of them look again.
                Wake(mark is null ? null : organizations);
                mark = now;
                await Task.Delay(LookEvery, lifetime.ApplicationStopping);
            }
            catch (OperationCanceledException)
            {
                // Stopping: the loop ends above.
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
            {
                // Who waits is answered by their own look when their time is up, with what the database says then.
                await Task.Delay(TimeSpan.FromSeconds(1), lifetime.ApplicationStopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Wake(IReadOnlyCollection<string>? organizations)
    {
        lock (waiting)
        {
            foreach (var waiter in (organizations ?? waiting.Keys).SelectMany(one => waiting.GetValueOrDefault(one) ?? []))
            {
                waiter.Wake();
            }
        }
    }

    private async Task<(long Mark, IReadOnlyCollection<string> Organizations)> News(long? since, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"""
            with mark as materialized (select {EventFeed.Mark(schema)} as place)
            select (select place from mark), array(select distinct tenant_id from {schema}.mt_events where seq_id > @since and seq_id <= (select place from mark))
            """);
        command.Parameters.AddWithValue("since", since ?? long.MaxValue);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return (reader.GetInt64(0), reader.GetFieldValue<string[]>(1));
    }

    /// <summary>One who waits.</summary>
    internal sealed class Waiter(FeedWatch watch, string organization) : IDisposable
    {
        private readonly SemaphoreSlim news = new(0, 1);

        public string Organization => organization;

        /// <summary>Until there may be news, the time is up, or the process stops.</summary>
        public Task<bool> Next(TimeSpan time, CancellationToken ct) => news.WaitAsync(time, ct);

        public void Wake()
        {
            // Only the watch wakes, under its lock: nobody else can fill it in between.
            if (news.CurrentCount == 0)
            {
                news.Release();
            }
        }

        public void Dispose() => watch.Leave(this);
    }
}
