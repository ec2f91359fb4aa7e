using System.Diagnostics;
using System.Security.Cryptography;
using EventSourcing;
using Webhooks.Sending;

namespace Webhooks.Features;

/// <summary>
/// Sends what is due, on any number of replicas: takes lanes, of each endpoint as many as it has room for, sends the oldest delivery of each, writes down what came of it and
/// lets the lane go.
/// </summary>
public sealed partial class DeliverWebhooks(
    Lanes lanes, Courier courier, SecretVault vault, PauseEndpoint pause, WorkSignal signal, SendingOptions options, TimeProvider clock, ILogger<DeliverWebhooks> logger) : BackgroundService
{
    private static readonly TimeSpan NotSettled = TimeSpan.FromSeconds(1);

    // Touched by the loop alone.
    private readonly Dictionary<Task, Guid> underWay = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!await Take(stoppingToken))
                {
                    await signal.Wait(options.LookEvery, stoppingToken);
                }
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                // Nothing is lost: what was taken comes due again when its lease ends.
                NotTaken(exception.GetType().Name);
                await signal.Wait(options.OutagePause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await Task.WhenAll(underWay.Keys);
    }

    private async Task<bool> Take(CancellationToken ct)
    {
        foreach (var over in underWay.Keys.Where(task => task.IsCompleted).ToArray())
        {
            underWay.Remove(over);
        }

        var room = options.AtOnce - underWay.Count;
        if (room <= 0)
        {
            return false;
        }

        var busy = underWay.Values.CountBy(endpoint => endpoint).ToDictionary();
        var taken = await lanes.Take(busy, room, clock.GetUtcNow(), ct);
        foreach (var lane in taken)
        {
            underWay.Add(Task.Run(() => Send(lane, ct), CancellationToken.None), lane.Endpoint);
        }

        return taken.Count > 0;
    }

    private async Task Send(Lane lane, CancellationToken stopping)
    {
        try
        {
            // A request that began is seen to its end while the host stops, if it ends in time: its outcome is known then, and nobody sends it again.
            if (!stopping.IsCancellationRequested && await lanes.Oldest(lane, clock.GetUtcNow(), CancellationToken.None) is { } delivery)
            {
                await Send(delivery);
            }
            else
            {
                await lanes.LetGo(lane, clock.GetUtcNow(), CancellationToken.None);
            }
        }
        catch (Exception exception)
        {
            NotSent(lane.Endpoint, exception.GetType().Name);
        }
        finally
        {
            signal.Pulse();
        }
    }

    private async Task Send(DueDelivery delivery)
    {
        using var activity = SendingTelemetry.Begin(delivery);
        var (startedAt, began) = (clock.GetUtcNow(), clock.GetTimestamp());
        var answer = await Answer(delivery, activity);
        var (now, took) = (clock.GetUtcNow(), clock.GetElapsedTime(began));
        var judgement = Judgement.Of(answer, delivery.Tries, delivery.FailingSince, options, now, Random.Shared.NextDouble());
        if (!await Settle(delivery, answer, judgement, startedAt, took, now))
        {
            return;
        }

        SendingTelemetry.End(activity, answer, judgement, took);
        if (judgement.Pause is { } reason)
        {
            await pause.Run(delivery.Lane.Organization, delivery.Lane.Endpoint, reason);
        }
    }

    private async Task<Answer> Answer(DueDelivery delivery, Activity? activity)
    {
        byte[][] secrets;
        try
        {
            secrets = [.. delivery.Secrets.Select(secret => vault.Open(delivery.Lane.Organization, delivery.Lane.Endpoint, secret))];
        }
        catch (CryptographicException exception)
        {
            NotSigned(delivery.Lane.Endpoint, exception.Message);
            return new(AttemptOutcome.SigningFailed);
        }

        return secrets.Length == 0
            ? new(AttemptOutcome.SigningFailed)
            : await courier.Deliver(new(delivery.Url, delivery.MessageId, delivery.Body, secrets, activity?.Id ?? delivery.Trace), CancellationToken.None);
    }

    // We know what came of it and the database does not. As long as nobody else may take the lane, telling it is worth another try: untold, it is sent again.
    private async Task<bool> Settle(DueDelivery delivery, Answer answer, Judgement judgement, DateTimeOffset startedAt, TimeSpan took, DateTimeOffset now)
    {
        while (true)
        {
            try
            {
                return await lanes.Settle(delivery, answer, judgement, startedAt, took, now, CancellationToken.None);
            }
            catch (Exception exception) when (exception is Npgsql.NpgsqlException or TimeoutException && clock.GetUtcNow() < startedAt + options.Timeout + options.LeaseMargin)
            {
                OutcomeNotSaved(exception.GetType().Name);
                await Task.Delay(NotSettled, clock);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Nothing is taken to be sent for a moment ({Fault}).")]
    private partial void NotTaken(string fault);

    [LoggerMessage(LogLevel.Warning, "A delivery to endpoint {Endpoint} was not made ({Fault}); it comes due again when its lease ends.")]
    private partial void NotSent(Guid endpoint, string fault);

    [LoggerMessage(LogLevel.Error, "A delivery to endpoint {Endpoint} cannot be signed: {Reason}")]
    private partial void NotSigned(Guid endpoint, string reason);

    [LoggerMessage(LogLevel.Warning, "The outcome of a delivery is not saved yet ({Fault}); trying again.")]
    private partial void OutcomeNotSaved(string fault);
}
