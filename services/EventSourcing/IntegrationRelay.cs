using System.Diagnostics;
using System.Diagnostics.Metrics;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Subscriptions;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace EventSourcing;

/// <summary>
/// The event store as outbox: reads committed events in order, publishes their contracts, and moves its progress on only when the broker
/// has confirmed the whole page. After a crash between the two the page goes out again with the same message ids: at least once, in order
/// per stream.
/// </summary>
internal sealed partial class IntegrationRelay : SubscriptionBase, IDisposable
{
    private readonly IntegrationMap map;
    private readonly IBus bus;
    private readonly SubscriberRegister subscribers;
    private readonly ILogger<IntegrationRelay> logger;
    private readonly Meter meter = new(EventMetadata.SourceName);
    private readonly Counter<long> published;
    private readonly Histogram<double> delay;

    public IntegrationRelay(IntegrationMap map, IBus bus, SubscriberRegister subscribers, ILogger<IntegrationRelay> logger)
    {
        (this.map, this.bus, this.subscribers, this.logger) = (map, bus, subscribers, logger);

        // All events and not only those that are published: filtered, an older replica that leads would pass by what a newer one has recorded, and nobody would ever hear of it.
        // What it does not know stops it, and the newer replica goes on from there.
        Name = "IntegrationRelay";
        published = meter.CreateCounter<long>("relay.published", "{message}", "Messages the broker has confirmed.");
        delay = meter.CreateHistogram<double>("relay.delay", "s", "From an event's commit to the broker's confirmation.");
    }

    public override async Task<IChangeListener> ProcessEventsAsync(EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellationToken)
    {
        try
        {
            // Streams side by side, the events of one stream one after the other: many confirms in flight, order kept where it matters.
            await Task.WhenAll(page.Events.GroupBy(e => (e.TenantId, e.StreamId)).Select(stream => Publish(stream, cancellationToken)));
            return NullChangeListener.Instance;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            subscribers.Forget();
            PageHeld(page.SequenceFloor, page.SequenceCeiling, exception.GetType().Name, exception.Message);
            throw;
        }
    }

    public void Dispose() => meter.Dispose();

    private async Task Publish(IEnumerable<IEvent> stream, CancellationToken ct)
    {
        foreach (var @event in stream)
        {
            if (!map.Publications.TryGetValue(@event.EventType, out var publication) || publication.Translate(@event) is not { } message)
            {
                continue;
            }

            var type = publication.Message;
            foreach (var subscriber in publication.Subscribers)
            {
                await subscribers.WaitFor(subscriber, type, ct);
            }

            await subscribers.BindToEvents(type, ct);

            using var activity = EventMetadata.TraceOf(@event) is var parent && parent != default
                ? EventMetadata.Source.StartActivity($"relay {type.Name}", ActivityKind.Internal, parent)
                : null;
            await bus.Publish(message, type, Pipe.Execute<PublishContext>(context => Address(context, type, @event)), ct);
            published.Add(1, new KeyValuePair<string, object?>("message", type.Name));
            delay.Record((DateTimeOffset.UtcNow - @event.Timestamp).TotalSeconds);
        }
    }

    private static void Address(PublishContext context, Type message, IEvent @event)
    {
        context.MessageId = @event.Id;
        context.SetAwaitAck(true);
        context.Durable = true;
        context.TrySetRoutingKey(MessageHeaders.RoutingKeyOf(@event.TenantId, message));
        if (Guid.TryParse(@event.CorrelationId, out var correlation))
        {
            context.CorrelationId = correlation;
        }

        foreach (var (name, value) in MessageHeaders.Of(@event))
        {
            context.Headers.Set(name, name == EventMetadata.TraceParent ? Activity.Current?.Id ?? value : value);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The relay holds events {Floor} to {Ceiling} and will try again: {Fault}: {Reason}")]
    private partial void PageHeld(long floor, long ceiling, string fault, string reason);
}
