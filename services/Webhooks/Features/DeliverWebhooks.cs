using System.Diagnostics;
using System.Security.Cryptography;
using EventSourcing;
using Webhooks.Intake;
using Webhooks.Sending;

namespace Webhooks.Features;

/// <summary>
/// Sends what is due, on any number of replicas: takes lanes, of each endpoint as many as it has room for, sends the oldest delivery of each, writes down what came of it and
/// lets the lane go.
/// </summary>
public sealed partial class DeliverWebhooks(
    Lanes lanes, Courier courier, Logbook logbook, SecretVault vault, PauseEndpoint pause, WorkSignal signal, SendingOptions options, TimeProvider clock, ILogger<DeliverWebhooks> logger)
    : BackgroundService
{
    // Touched by the loop alone.
    private readonly List<Hold> holds = [];
    private volatile bool isFull;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var writing = Task.Run(logbook.Run, CancellationToken.None);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Take(stoppingToken);
                await signal.Wait(options.LookEvery, stoppingToken);
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

        await Task.WhenAll(holds.Select(hold => hold.Sending));
        logbook.Close();
        await writing;
    }

    private async Task Take(CancellationToken ct)
    {
        holds.RemoveAll(hold => hold.Sending.IsCompleted);
        var room = options.AtOnce - holds.Count;
        if (room <= 0)
        {
            isFull = true;
            return;
        }

        var (now, gates) = (clock.GetUtcNow(), holds.Select(hold => (hold.Lane.Endpoint, hold.Gate)).Distinct().ToDictionary());
        var offered = gates.ToDictionary(gate => gate.Key, gate => gate.Value.Room);
        var taken = await lanes.Take(gates.ToDictionary(gate => gate.Key, gate => (offered[gate.Key], gate.Value.IsBusy)), room, now, ct);
        isFull = taken.Count >= room;
        var counts = taken.CountBy(lane => lane.Endpoint).ToDictionary();
        foreach (var endpoint in counts.Keys.Union(gates.Keys).ToArray())
        {
            gates.TryAdd(endpoint, new(options.PerEndpoint));
            gates[endpoint].IsFull = counts.GetValueOrDefault(endpoint) >= offered.GetValueOrDefault(endpoint, options.PerEndpoint);
        }

        if (taken.Count == 0)
        {
            return;
        }

        var oldest = lanes.Oldest(taken, now, CancellationToken.None);
        foreach (var lane in taken)
        {
            var hold = new Hold(lane, gates[lane.Endpoint]);
            hold.Sending = Task.Run(() => Send(hold, oldest, ct), CancellationToken.None);
            holds.Add(hold);
        }
    }

    private async Task Send(Hold hold, Task<IReadOnlyDictionary<Lane, DueDelivery>> oldest, CancellationToken stopping)
    {
        try
        {
            var ended = (await oldest).TryGetValue(hold.Lane, out var delivery) ? await Send(hold, delivery, stopping) : await LetGo(hold);
            if (hold.End() || isFull || ended is Ended.NotHeld || (ended is Ended.GoesOn && hold.Gate.IsLow))
            {
                signal.Pulse();
            }
        }
        catch (Exception exception)
        {
            hold.End();
            NotSent(hold.Lane.Endpoint, exception.GetType().Name);
        }
    }

    private async Task<Ended> Send(Hold hold, DueDelivery delivery, CancellationToken stopping)
    {
        // A test waits for nothing.
        using var place = delivery.Type == IncomingMessage.Test ? Gate.Aside : await hold.Gate.Enter();

        // A request that began is seen to its end while the host stops, if it ends in time: its outcome is known then, and nobody sends it again.
        if (place is null || stopping.IsCancellationRequested || !hold.IsWanted)
        {
            return await LetGo(hold);
        }

        using var activity = SendingTelemetry.Begin(delivery);
        var (startedAt, began) = (clock.GetUtcNow(), clock.GetTimestamp());
        var answer = await Answer(delivery, activity);
        var (now, took) = (clock.GetUtcNow(), clock.GetElapsedTime(began));
        if (answer.Outcome is not AttemptOutcome.Delivered)
        {
            hold.Gate.Fail();
        }
        else if (delivery.FailingSince is null)
        {
            // There is room for another request already, and this one is written down meanwhile. Of an endpoint that fails, or failed till now, that has to be written first.
            hold.End(took);
            place.Dispose();
            if (hold.Gate is { IsFull: true, IsLow: true })
            {
                signal.Pulse();
            }
        }

        var judgement = Judgement.Of(answer, delivery.Tries, delivery.FailingSince, options, now, Random.Shared.NextDouble());
        var ended = await logbook.Write(new(delivery.Lane, judgement.NextAt ?? now, new(delivery, answer, judgement, startedAt, took, now)));
        if (ended is not Ended.NotHeld)
        {
            SendingTelemetry.End(activity, answer, judgement, took);
            await (judgement.Pause is { } reason ? pause.Run(delivery.Lane.Organization, delivery.Lane.Endpoint, reason) : Task.CompletedTask);
        }

        return ended;
    }

    private Task<Ended> LetGo(Hold hold) => logbook.Write(new(hold.Lane, clock.GetUtcNow()));

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

    [LoggerMessage(LogLevel.Warning, "Nothing is taken to be sent for a moment ({Fault}).")]
    private partial void NotTaken(string fault);

    [LoggerMessage(LogLevel.Warning, "A delivery to endpoint {Endpoint} was not made ({Fault}); it comes due again when its lease ends.")]
    private partial void NotSent(Guid endpoint, string fault);

    [LoggerMessage(LogLevel.Error, "A delivery to endpoint {Endpoint} cannot be signed: {Reason}")]
    private partial void NotSigned(Guid endpoint, string reason);
}
