using System.Diagnostics;
using JasperFx.Events;

namespace EventSourcing;

/// <summary>
/// The trace, cause and correlation of an event, kept in its metadata so that what happens later, in the relay, in another service
/// or in a projection, continues the same trace.
/// </summary>
public static class EventMetadata
{
    /// <summary>Name of the activity source and meter of everything in this library.</summary>
    public const string SourceName = "EventSourcing";

    internal const string TraceParent = "traceparent";

    internal static ActivitySource Source { get; } = new(SourceName);

    internal static IEvent Stamp(IEvent @event, ActivityContext? trace = null, string? correlation = null, string? cause = null)
    {
        var context = trace ?? Activity.Current?.Context;
        if (context is { } current)
        {
            @event.SetHeader(TraceParent, $"00-{current.TraceId.ToHexString()}-{current.SpanId.ToHexString()}-{(current.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? "01" : "00")}");
        }

        // Whoever starts something starts its correlation; whatever follows from it carries the same one.
        @event.CorrelationId = correlation ?? (context is { } root ? new Guid(Convert.FromHexString(root.TraceId.ToHexString()), bigEndian: true) : @event.Id).ToString();
        @event.CausationId = cause;
        return @event;
    }

    internal static ActivityContext TraceOf(IEvent @event) =>
        @event.GetHeader(TraceParent)?.ToString() is { } parent && ActivityContext.TryParse(parent, null, isRemote: true, out var context) ? context : default;

    /// <summary>Marks in each event's own trace that a projection has taken it in.</summary>
    public static void TraceProjected(string projection, IReadOnlyList<IEvent> events, DateTimeOffset startedAt)
    {
        if (!Source.HasListeners())
        {
            return;
        }

        foreach (var @event in events)
        {
            if (TraceOf(@event) is var parent && parent != default)
            {
                using var activity = Source.StartActivity($"project {projection}", ActivityKind.Internal, parent, startTime: startedAt);
                activity?.SetTag("event.type", @event.EventTypeName);
                activity?.SetTag("event.sequence", @event.Sequence);
            }
        }
    }
}
