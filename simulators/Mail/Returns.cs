using System.Net.Http.Headers;
using System.Threading.Channels;
using ServiceDefaults;

namespace Mail;

/// <summary>
/// Sends back what was taken: a bounce or a complaint where one was asked for, to the sender's mailbox here and to a webhook, as a mail system does that
/// pipes what its bounce mailbox gets into a program.
/// </summary>
internal sealed partial class Returns(
    Settings settings, Faults faults, Mailbox mailbox, IHttpClientFactory clients, IServiceProvider services, TimeProvider clock, ILogger<Returns> log) : BackgroundService
{
    public const string HttpClient = "bounces";
    private const int Lines = 8;
    private const int Attempts = 5;
    private readonly Channel<(Message Report, DateTimeOffset DueAt)> queue = Channel.CreateUnbounded<(Message, DateTimeOffset)>();

    /// <summary>A message was taken: does it come back?</summary>
    public void Consider(Message message)
    {
        if (message.EnvelopeFrom.Length == 0)
        {
            // A report is never answered with a report.
            return;
        }

        foreach (var recipient in message.To)
        {
            var request = message.Reports?.Recipients.GetValueOrDefault(recipient);
            if (faults.Strike(Stage.Bounce, recipient) is { } bounce && request?.Wants(bounce.Action == "delayed" ? "DELAY" : "FAILURE") != false)
            {
                Enqueue(bounce, now => Reports.Bounce(message, recipient, bounce, now));
            }

            if (faults.Strike(Stage.Complaint, recipient) is { } complaint)
            {
                Enqueue(complaint, now => Reports.Complaint(message, recipient, now));
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = Lines, CancellationToken = stoppingToken };
        try
        {
            await Parallel.ForEachAsync(queue.Reader.ReadAllAsync(stoppingToken), options, Return);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was still to be sent back is lost with the simulator, as faults are.
        }
    }

    private void Enqueue(Fault fault, Func<DateTimeOffset, Message> report)
    {
        var now = clock.GetUtcNow();
        queue.Writer.TryWrite((report(now), now + TimeSpan.FromMilliseconds(fault.DelayMilliseconds)));
    }

    private async ValueTask Return((Message Report, DateTimeOffset DueAt) one, CancellationToken ct)
    {
        if (one.DueAt - clock.GetUtcNow() is { Ticks: > 0 } left)
        {
            await Task.Delay(left, clock, ct);
        }

        await mailbox.Keep(one.Report);
        for (var attempt = 1; settings.Bounces.WebhookUrl is { } url && !await Post(url, one.Report, ct) && attempt < Attempts; attempt++)
        {
            await Task.Delay(TimeSpan.FromSeconds(attempt), clock, ct);
        }
    }

    private async Task<bool> Post(Uri url, Message report, CancellationToken ct)
    {
        try
        {
            var token = settings.Bounces.BearerToken ?? (services.GetService<ServiceTokens>() is { } tokens ? await tokens.Get(ct) : null);
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ReadOnlyMemoryContent(report.Source) };
            request.Content.Headers.ContentType = new("message/rfc822");
            request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
            using var answer = await clients.CreateClient(HttpClient).SendAsync(request, ct);
            LogAnswer(report.Id, (int)answer.StatusCode);
            // What was refused will be refused again.
            return (int)answer.StatusCode is < 500 and not 429;
        }
        catch (Exception exception) when (exception is HttpRequestException or InvalidOperationException or TimeoutException)
        {
            LogUnreachable(report.Id, exception.GetType().Name);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Information, "Report {Id} was answered with {Status}")]
    private partial void LogAnswer(string id, int status);

    [LoggerMessage(LogLevel.Warning, "Report {Id} cannot be handed over ({Fault})")]
    private partial void LogUnreachable(string id, string fault);
}
