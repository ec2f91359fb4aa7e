using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Webhooks.Sending;

/// <summary>What is measured and traced. Labels are few and known: no address, no endpoint, no organization.</summary>
public static class SendingTelemetry
{
    private const string Name = "Webhooks";
    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Attempts = Meter.CreateCounter<long>("webhook.deliveries", "{attempt}", "Attempts to deliver a message, by their outcome.");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("webhook.delivery.duration", "s", "From the beginning of an attempt to its outcome.");
    private static readonly Counter<long> Exhausted = Meter.CreateCounter<long>("webhook.exhausted", "{delivery}", "Deliveries that became dead letters.");

    /// <summary>Continues the trace of the event into the endpoint.</summary>
    public static Activity? Begin(DueDelivery delivery)
    {
        var parent = delivery.Trace is { } trace && ActivityContext.TryParse(trace, null, isRemote: true, out var context) ? context : default;
        var activity = Source.StartActivity("deliver webhook", ActivityKind.Client, parent);
        activity?.SetTag("webhook.endpoint", delivery.Lane.Endpoint);
        activity?.SetTag("webhook.type", delivery.Type);
        activity?.SetTag("webhook.attempt", delivery.Attempts + 1);
        activity?.SetTag("messaging.message.id", delivery.MessageId);
        activity?.SetTag("creator_connections.organization", delivery.Lane.Organization);
        return activity;
    }

    public static void End(Activity? activity, Answer answer, Judgement judgement, TimeSpan took)
    {
        activity?.SetTag("http.response.status_code", answer.Status);
        activity?.SetTag("webhook.outcome", answer.Outcome.ToString());
        activity?.SetStatus(answer.Outcome is AttemptOutcome.Delivered ? ActivityStatusCode.Ok : ActivityStatusCode.Error);
        var outcome = new KeyValuePair<string, object?>("outcome", answer.Outcome.ToString());
        Attempts.Add(1, outcome);
        Duration.Record(took.TotalSeconds, outcome);
        if (judgement.State is DeliveryState.Exhausted)
        {
            Exhausted.Add(1);
        }
    }
}
