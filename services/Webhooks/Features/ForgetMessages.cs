using Npgsql;

namespace Webhooks.Features;

/// <summary>Now and then, what is older than it is kept for is forgotten, with secrets that have ended and what removed endpoints left behind.</summary>
public sealed partial class ForgetMessages(Retention retention, RetentionOptions options, TimeProvider clock, ILogger<ForgetMessages> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.LookEvery, clock);
        try
        {
            do
            {
                try
                {
                    await Forget(stoppingToken);
                }
                catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
                {
                    NotNow(exception.GetType().Name);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task Forget(CancellationToken ct)
    {
        await retention.ForgetSecrets(ct);
        while (await retention.ForgetRemoved(ct))
        {
        }

        int messages;
        do
        {
            (messages, var waiting) = await retention.ForgetPage(ct);
            if (waiting > 0)
            {
                GivenUp(waiting);
            }
        }
        while (messages == options.Page);
    }

    [LoggerMessage(LogLevel.Warning, "{Count} deliveries were given up: they waited for longer than messages are kept.")]
    private partial void GivenUp(int count);

    [LoggerMessage(LogLevel.Warning, "Old messages stay a while longer ({Fault}).")]
    private partial void NotNow(string fault);
}
