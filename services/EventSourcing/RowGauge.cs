using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventSourcing;

/// <summary>Gauges whose numbers are counted in the database.</summary>
public static class RowGauges
{
    /// <summary>A gauge that is asked from the database once a minute, and shows what was found until the next time: whoever collects costs nothing.</summary>
    /// <param name="services">The service's.</param>
    /// <param name="meter">Name of the meter.</param>
    /// <param name="name">Name of the gauge.</param>
    /// <param name="unit">Its unit, as in UCUM.</param>
    /// <param name="description">What it counts.</param>
    /// <param name="tags">Names of the tags, of which there must be few values: a column each, in this order, and the number last.</param>
    /// <param name="sql">The question; asked for anew each time.</param>
    public static void AddRowGauge(this IServiceCollection services, string meter, string name, string unit, string description, string[] tags, Func<IServiceProvider, string> sql) =>
        services.AddSingleton<IHostedService>(provider => new RowGauge(
            meter, name, unit, description, tags, () => sql(provider), provider.GetRequiredService<NpgsqlDataSource>(), provider.GetRequiredService<ILogger<RowGauge>>()));
}

internal sealed partial class RowGauge(
    string meterName, string name, string unit, string description, string[] tags, Func<string> sql, NpgsqlDataSource source, ILogger<RowGauge> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);
    private readonly Meter meter = new(meterName);
    private volatile IReadOnlyList<Measurement<double>> found = [];

    public override void Dispose()
    {
        meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        meter.CreateObservableGauge(name, () => found, unit, description);
        using var timer = new PeriodicTimer(Every);
        try
        {
            do
            {
                try
                {
                    found = await Count(stoppingToken);
                }
                catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
                {
                    // Nothing shown is better than the numbers of another time.
                    found = [];
                    NotCounted(name, exception.GetType().Name);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task<IReadOnlyList<Measurement<double>>> Count(CancellationToken ct)
    {
        await using var command = source.CreateCommand(sql());
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<Measurement<double>>();
        while (await reader.ReadAsync(ct))
        {
            rows.Add(new(Convert.ToDouble(reader.GetValue(tags.Length), System.Globalization.CultureInfo.InvariantCulture), tags.Select((tag, column) => KeyValuePair.Create(tag, (object?)reader.GetString(column)))));
        }

        return rows;
    }

    [LoggerMessage(LogLevel.Warning, "{Gauge} could not be counted ({Fault}); it is tried again in a minute.")]
    private partial void NotCounted(string gauge, string fault);
}
