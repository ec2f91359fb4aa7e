using EventSourcing;

namespace Webhooks.Features;

/// <summary>An endpoint said that it is gone, or nothing got through to it for days: it is left alone until somebody resumes it.</summary>
public sealed partial class PauseEndpoint(StreamSessions sessions, TimeProvider clock, ILogger<PauseEndpoint> logger)
{
    public async Task Run(string organization, Guid id, PauseReason reason)
    {
        await using var session = sessions.For(organization);
        var outcome = await EndpointTable.Record(session, id, endpoint => Decide(endpoint, reason, WebhookEndpoint.ByDelivery), clock.GetUtcNow(), CancellationToken.None);
        if (outcome.IsRecorded)
        {
            Paused(id, reason);
        }
    }

    /// <summary>Why it is paused first stays: whoever resumes it wants to know what to mend.</summary>
    public static Decision Decide(WebhookEndpoint? endpoint, PauseReason reason, string by) => endpoint switch
    {
        null or { IsRemoved: true } => WebhookEndpoint.Unknown,
        { Paused: not null } => Decision.Nothing,
        _ => Decision.Of(new EndpointPaused(endpoint.Id, reason.ToString(), by)),
    };

    [LoggerMessage(LogLevel.Warning, "Webhook endpoint {Endpoint} is paused: {Reason}. What comes for it waits until its organization resumes it.")]
    private partial void Paused(Guid endpoint, PauseReason reason);
}
