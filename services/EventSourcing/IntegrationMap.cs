using JasperFx.Events;
using MassTransit;

namespace EventSourcing;

/// <summary>A service's seam to the others, one line per message: what it publishes of its own events, and whose messages it takes in.</summary>
public sealed class IntegrationMap
{
    private readonly Dictionary<Type, Publication> publications = [];
    private readonly List<Subscription> subscriptions = [];

    internal IReadOnlyDictionary<Type, Publication> Publications => publications;

    internal IReadOnlyList<Subscription> Subscriptions => subscriptions;

    /// <summary>The contracts this service publishes, each by its name.</summary>
    internal IReadOnlyDictionary<string, IReadOnlyList<Type>> EventsOf => publications
        .GroupBy(publication => publication.Value.Message.Name, publication => publication.Key)
        .ToDictionary(contract => contract.Key, IReadOnlyList<Type> (contract) => [.. contract]);

    /// <summary>Publishes one kind of this service's events as a contract. Several kinds may become the same contract.</summary>
    /// <param name="translate">The contract for an event; null where this one is nobody else's business. Sees the event alone, so that a replay says the same again.</param>
    /// <param name="subscribers">
    /// Our own services that depend on it. The broker drops what no queue is bound for, so the relay holds back until each of them has
    /// bound its queue once.
    /// </param>
    public IntegrationMap Publish<TEvent, TMessage>(Func<IEvent<TEvent>, TMessage?> translate, params IEnumerable<string> subscribers)
        where TEvent : class
        where TMessage : class
    {
        if (publications.Values.Any(other => other.Message.Name == typeof(TMessage).Name && other.Message != typeof(TMessage)))
        {
            throw new ArgumentException($"Two contracts are called {typeof(TMessage).Name}. Subscribers tell them apart by that name alone.", nameof(translate));
        }

        publications.Add(typeof(TEvent), new(typeof(TMessage), @event => translate((IEvent<TEvent>)@event), [.. subscribers]));
        return this;
    }

    /// <summary>Takes in a message of another service.</summary>
    /// <param name="part">
    /// Tells a further consumer of the same message apart: each has a queue, an inbox and retries of its own, so each may record in a stream of its own.
    /// </param>
    public IntegrationMap Consume<TMessage, TConsumer>(string? part = null)
        where TMessage : class
        where TConsumer : class, IConsumer<TMessage>
    {
        if (subscriptions.Any(other => other.Message == typeof(TMessage) && other.Part == part))
        {
            throw new ArgumentException($"{typeof(TMessage).Name} has a consumer on this queue already. Give the further one a part of its own.", nameof(part));
        }

        subscriptions.Add(new(typeof(TMessage), typeof(TConsumer), part));
        return this;
    }

    internal sealed record Publication(Type Message, Func<IEvent, object?> Translate, IReadOnlyList<string> Subscribers);

    internal sealed record Subscription(Type Message, Type Consumer, string? Part)
    {
        /// <summary>The queue in which a service receives the message: <c>campaign-connection-granted</c>, and a further one with its part at the end.</summary>
        public string QueueIn(string service) =>
            $"{service}-{KebabCaseEndpointNameFormatter.Instance.SanitizeName(Message.Name)}{(Part is null ? "" : $"-{Part}")}";
    }
}
