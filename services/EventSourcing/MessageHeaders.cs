using JasperFx.Events;

namespace EventSourcing;

/// <summary>What goes beside a message's body, the same on the broker and in the feed.</summary>
internal static class MessageHeaders
{
    /// <summary>The organization of a message, for subscribers who route or filter without reading the body.</summary>
    public const string Organization = "organization";

    /// <summary>What the message is about, whatever its type: the sequence in the body counts per subject.</summary>
    public const string Subject = "subject";

    /// <summary>The event that led to this one, where one did.</summary>
    public const string Cause = "causation-id";

    /// <summary>All of them, of one event.</summary>
    public static Dictionary<string, string> Of(IEvent @event)
    {
        var headers = new Dictionary<string, string> { [Organization] = @event.TenantId, [Subject] = @event.StreamId.ToString() };
        // Where no event led to this one, the store notes the request's trace instead: that is no event's id.
        if (Guid.TryParse(@event.CausationId, out var cause))
        {
            headers[Cause] = cause.ToString();
        }

        if (@event.GetHeader(EventMetadata.TraceParent)?.ToString() is { } trace)
        {
            headers[EventMetadata.TraceParent] = trace;
        }

        return headers;
    }

    /// <summary>Where a message goes on the exchange of all events: <c>organization.area.Name</c>, the area being the last part of the contract's namespace.</summary>
    public static string RoutingKeyOf(string organization, Type message) => $"{organization}.{message.Namespace?.Split('.')[^1].ToLowerInvariant()}.{message.Name}";
}
