using JasperFx.Events;

namespace EventSourcing;

/// <summary>The state of one stream, rebuilt from its events by one hand-written fold that the store and the tests share.</summary>
/// <typeparam name="TSelf">The state record itself.</typeparam>
public interface IStreamState<TSelf>
    where TSelf : class, IStreamState<TSelf>
{
    /// <summary>The stream's id.</summary>
    Guid Id { get; }

    /// <summary>The next state. An event this version does not know answers the state it was given, so an older node survives a newer stream.</summary>
    static abstract TSelf? Fold(TSelf? state, object @event);
}

/// <summary>Runs <see cref="IStreamState{TSelf}.Fold"/> over events.</summary>
public static class StreamFold<T>
    where T : class, IStreamState<T>
{
    /// <summary>The state after the events, in order; null when none of them opened the stream.</summary>
    public static T? Of(IEnumerable<object> events, T? state = null) =>
        events.Aggregate(state, (current, @event) => T.Fold(current, @event is IEvent stored ? stored.Data : @event));
}
