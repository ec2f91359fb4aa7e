using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventSourcing;

/// <summary>
/// Forgets which messages were taken in long ago, a page at a time, so that the table does not grow for ever. A message repeated even later
/// still changes nothing where its sequence tells it from new; the inbox is the first of two guards.
/// </summary>
internal sealed partial class InboxRetention(IDocumentStore store, NpgsqlDataSource source, EventStoreOptions settings, TimeProvider clock, ILogger<InboxRetention> logger) : BackgroundService
{
    private const int Page = 5_000;
    private static readonly TimeSpan LookEvery = TimeSpan.FromHours(1);

    /// <summary>Forgets one page; answers how many it was.</summary>
    public async Task<int> ForgetPage(CancellationToken ct)
    {
        var table = InboxTable.NameIn(store.Options.Events.DatabaseSchemaName);
        await using var command = source.CreateCommand($"""
            delete from {table} where (endpoint, message_id) in
              (select endpoint, message_id from {table} where received_at < $1 order by received_at limit {Page} for update skip locked)
            """);
        command.Parameters.Add(new() { Value = clock.GetUtcNow() - settings.InboxRetention });
        return await command.ExecuteNonQueryAsync(ct);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    while (await ForgetPage(stoppingToken) == Page)
                    {
                    }
                }
                catch (NpgsqlException exception)
                {
                    NotNow(exception.GetType().Name);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    [LoggerMessage(LogLevel.Warning, "Old inbox rows stay for another hour ({Fault}).")]
    private partial void NotNow(string fault);
}
