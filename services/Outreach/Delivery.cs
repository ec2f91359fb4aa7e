using EventSourcing;

namespace Outreach;

/// <summary>One creator in one outreach. Every fact of a delivery names it whole, so that each can be read alone.</summary>
public sealed record Recipient(Guid DeliveryId, Guid OutreachId, Guid CampaignId, Guid CreatorId, string Template)
{
    public static Recipient Of(Guid outreach, Guid campaign, Guid creator, string template) =>
        new(StreamId.Of("delivery", outreach.ToString("N"), creator.ToString("N")), outreach, campaign, creator, template);
}

/// <summary>Recorded before the first byte of the message may leave. Whoever recorded it is the only one who may send it.</summary>
public sealed record AttemptStarted(Recipient Recipient, int Attempt, DateTimeOffset At);

/// <summary>The mail server took responsibility for the message.</summary>
/// <param name="Recipient">Whose.</param>
/// <param name="Attempt">Which attempt it was.</param>
/// <param name="InvitationId">The invitation it carries, if it carries one.</param>
/// <param name="Audience">Whom its template is meant for; not said of messages from before templates could be changed.</param>
public sealed record MessageAccepted(Recipient Recipient, int Attempt, Guid? InvitationId, string? Audience = null);

/// <summary>The message did not go out this time, and trying again can help.</summary>
public sealed record AttemptDeferred(Recipient Recipient, int Attempt, string Reason);

/// <summary>This outreach sends this recipient nothing, on purpose.</summary>
public sealed record DeliverySkipped(Recipient Recipient, string Reason);

/// <summary>The message will never go out: the mail server refused it for good, or every attempt was used up.</summary>
public sealed record DeliveryFailed(Recipient Recipient, string Reason);

/// <summary>The message may or may not have gone out, and nobody can tell any more. It is not sent again.</summary>
public sealed record DeliveryInDoubt(Recipient Recipient, int Attempt);

/// <summary>
/// Another mail server gave the message back, after it had been accepted. <paramref name="Code"/> is the report's (RFC 3463);
/// <paramref name="Permanent"/> says that the next message would come back too.
/// </summary>
public sealed record MessageBounced(Recipient Recipient, string Code, bool Permanent);

public enum Progress
{
    Sending,
    Waiting,
    Sent,
    Skipped,
    Failed,
    InDoubt,
    Bounced,
}

/// <summary>
/// What one creator was sent of one template for one campaign: the place where two outreaches that want to write the same message meet, so
/// that only one of them does. <paramref name="Recipient"/> is the one that holds it; <paramref name="Settled"/> are the outreaches that
/// have their verdict here.
/// </summary>
public sealed record Delivery(Recipient Recipient, Progress Progress, int Attempts, DateTimeOffset StartedAt, IReadOnlyList<Guid> Settled)
    : IStreamState<Delivery>
{
    public Guid Id => IdOf(Recipient);

    /// <summary>The deliveries whose message came back: a report that comes twice, or late, is known by it.</summary>
    public IReadOnlyList<Guid> Bounced { get; init; } = [];

    public static Guid IdOf(Recipient recipient) =>
        StreamId.Of("deliveries", recipient.CampaignId.ToString("N"), recipient.Template, recipient.CreatorId.ToString("N"));

    public bool IsHeldBy(Guid outreach) => Recipient.OutreachId == outreach;

    public bool HasVerdictFor(Guid outreach) => Settled.Contains(outreach);

    /// <summary>A message is out, on its way, or may be: another one so soon would be one too many.</summary>
    public bool BlocksAnother(DateTimeOffset now, TimeSpan window) =>
        Progress is Progress.Sending or Progress.Waiting or Progress.Sent or Progress.InDoubt && StartedAt > now - window;

    public static Delivery? Fold(Delivery? state, object @event) => (state, @event) switch
    {
        (null, AttemptStarted e) => new(e.Recipient, Progress.Sending, e.Attempt, e.At, []),
        ({ } d, AttemptStarted e) => d with { Recipient = e.Recipient, Progress = Progress.Sending, Attempts = e.Attempt, StartedAt = e.At },
        ({ } d, AttemptDeferred) => d with { Progress = Progress.Waiting },
        ({ } d, MessageAccepted e) => d.Settle(e.Recipient, Progress.Sent),
        ({ } d, DeliveryInDoubt e) => d.Settle(e.Recipient, Progress.InDoubt),
        ({ } d, MessageBounced e) => d.Settle(e.Recipient, Progress.Bounced) with { Bounced = [.. d.Bounced, e.Recipient.DeliveryId] },
        (null, DeliveryFailed e) => new(e.Recipient, Progress.Failed, 0, default, [e.Recipient.OutreachId]),
        ({ } d, DeliveryFailed e) => d.Settle(e.Recipient, Progress.Failed),
        (null, DeliverySkipped e) => new(e.Recipient, Progress.Skipped, 0, default, [e.Recipient.OutreachId]),
        ({ } d, DeliverySkipped e) => d.Settle(e.Recipient, Progress.Skipped),
        _ => state,
    };

    // The verdict of an outreach that does not hold the delivery is noted and changes nothing else: it was skipped because of the holder.
    private Delivery Settle(Recipient recipient, Progress progress) => this with
    {
        Progress = IsHeldBy(recipient.OutreachId) ? progress : Progress,
        Settled = HasVerdictFor(recipient.OutreachId) ? Settled : [.. Settled, recipient.OutreachId],
    };
}
