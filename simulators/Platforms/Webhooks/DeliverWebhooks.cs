using System.Net.Http.Headers;
using System.Text;
using Platforms.Accounts;

namespace Platforms.Webhooks;

/// <summary>How hard a platform tries to deliver.</summary>
public sealed class WebhookOptions
{
    /// <summary>Wait before the second attempt; it doubles with each one.</summary>
    public TimeSpan FirstWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between two attempts.</summary>
    public TimeSpan LongestWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Attempts in all, before a webhook is given up.</summary>
    public int Attempts { get; set; } = 20;

    /// <summary>How long one attempt may take.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>Posts webhooks until somebody answers 2xx or the attempts are used up. Each waits by itself: a dead one holds up no other.</summary>
public sealed partial class DeliverWebhooks(
    DeliveryLog log, Registrations registrations, IHttpClientFactory clients, PlatformClock clock, WebhookOptions options, ILogger<DeliverWebhooks> logger)
    : BackgroundService
{
    private const int AtOnce = 16;
    private const int AnswerKept = 500;

    private readonly SemaphoreSlim room = new(AtOnce);

    public override void Dispose()
    {
        room.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var id in log.Queue.ReadAllAsync(stoppingToken))
        {
            _ = Deliver(id, stoppingToken);
        }
    }

    private async Task Deliver(long id, CancellationToken ct)
    {
        try
        {
            // A reset takes deliveries away while they wait: those stop here.
            while (log.Find(id) is { State: DeliveryState.Pending } delivery)
            {
                var attempt = await Post(delivery.Notice, ct);
                delivery = delivery with { Attempts = [.. delivery.Attempts, attempt], State = StateAfter(attempt, delivery.Attempts.Count + 1) };
                if (log.Find(id) is null)
                {
                    return;
                }

                log.Keep(delivery);
                LogAttempt(delivery.Id, delivery.Platform, delivery.Notice.Kind, attempt.Status, delivery.State);
                if (delivery.State is DeliveryState.Pending)
                {
                    await Task.Delay(WaitAfter(delivery.Attempts.Count), ct);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping: the delivery is still pending in the journal and goes out at the next start.
        }
    }

    /// <summary>A GET at the hub, once: platforms that verify an address ask and do not insist.</summary>
    public Task<Attempt> Ask(string path, CancellationToken ct) => Send(() => new(HttpMethod.Get, registrations.Hub + path), ct);

    private Task<Attempt> Post(Notice notice, CancellationToken ct) => Send(() => RequestOf(notice), ct);

    private HttpRequestMessage RequestOf(Notice notice)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, registrations.Hub + notice.Path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(notice.Body)) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(notice.ContentType);
        foreach (var (name, value) in notice.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private async Task<Attempt> Send(Func<HttpRequestMessage> make, CancellationToken ct)
    {
        await room.WaitAsync(ct);
        var at = clock.GetUtcNow();
        try
        {
            using var request = make();
            using var client = clients.CreateClient(nameof(DeliverWebhooks));
            using var response = await client.SendAsync(request, ct);
            var answer = await response.Content.ReadAsStringAsync(ct);
            return new(at, (int)response.StatusCode, answer.Length > AnswerKept ? answer[..AnswerKept] : answer);
        }
        catch (TaskCanceledException) when (!ct.IsCancellationRequested)
        {
            return new(at, null, "no answer in time");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UriFormatException or InvalidOperationException or NotSupportedException)
        {
            // The last three: somebody switched to a hub address that is none.
            return new(at, null, e.Message);
        }
        finally
        {
            room.Release();
        }
    }

    private DeliveryState StateAfter(Attempt attempt, int attempts) => attempt.Status switch
    {
        >= 200 and < 300 => DeliveryState.Delivered,
        _ when attempts >= options.Attempts => DeliveryState.GivenUp,
        _ => DeliveryState.Pending,
    };

    private TimeSpan WaitAfter(int attempts)
    {
        var wait = options.FirstWait * Math.Pow(2, Math.Min(attempts - 1, 20));
        return wait < options.LongestWait ? wait : options.LongestWait;
    }

    [LoggerMessage(LogLevel.Information, "Webhook {Id} ({Platform} {Kind}): status {Status}, {State}")]
    private partial void LogAttempt(long id, string platform, string kind, int? status, DeliveryState state);
}
