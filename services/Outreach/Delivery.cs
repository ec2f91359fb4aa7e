using EventSourcing;

namespace Outreach;

/// <summary>One creator in one outreach. Every fact of a delivery names it whole, so that each can be read alone.</summary>
public sealed record Recipient(Guid DeliveryId, Guid OutreachId, Guid CampaignId, Guid CreatorId, string Template)
{
    public static Recipient Of(Guid outreach, Guid campaign, Guid creator, string template) =>
        new(DeliveryOf(outreach, creator), outreach, campaign, creator, template);

    /// <summary>The id of a creator's delivery in an outreach.</summary>
    public static Guid DeliveryOf(Guid outreach, Guid creator) => StreamId.Of("delivery", outreach.ToString("N"), creator.ToString("N"));
}

/// <summary>An attempt was about to be made. Versions before recorded it; since then that a message is in hand is a row, and only what became of it is an event.</summary>
public sealed record AttemptStarted(Recipient Recipient, int Attempt, DateTimeOffset At);

/// <summary>The mail server took responsibility for the message.</summary>
/// <param name="Recipient">Whose.</param>
/// <param name="Attempt">Which attempt it was.</param>
/// <param name="InvitationId">The invitation it carries, if it carries one.</param>
/// <param name="Audience">Whom its template is meant for; not said of messages from before templates could be changed.</param>
/// <param name="At">When; not said where <see cref="AttemptStarted"/> was recorded.</param>
public sealed record MessageAccepted(Recipient Recipient, int Attempt, Guid? InvitationId, string? Audience = null, DateTimeOffset? At = null);

/// <summary>The message did not go out this time, and trying again can help.</summary>
/// <param name="Recipient">Whose.</param>
/// <param name="Attempt">Which attempt it was.</param>
/// <param name="Reason">Why, in a stable word.</param>
/// <param name="At">When; not said where <see cref="AttemptStarted"/> was recorded.</param>
public sealed record AttemptDeferred(Recipient Recipient, int Attempt, string Reason, DateTimeOffset? At = null);

/// <summary>This outreach sends this recipient nothing, on purpose.</summary>
public sealed record DeliverySkipped(Recipient Recipient, string Reason);

/// <summary>The message will never go out: the mail server refused it for good, or every attempt was used up.</summary>
public sealed record DeliveryFailed(Recipient Recipient, string Reason);

/// <summary>The message may or may not have gone out, and nobody can tell any more. It is not sent again.</summary>
/// <param name="Recipient">Whose.</param>
/// <param name="Attempt">Which attempt it was.</param>
/// <param name="At">When that became known; not said where <see cref="AttemptStarted"/> was recorded.</param>
public sealed record DeliveryInDoubt(Recipient Recipient, int Attempt, DateTimeOffset? At = null);

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
/// What one creator was sent of one template for one campaign: by it a second outreach knows that the message went out already.
/// <paramref name="Recipient"/> is the one written to last; <paramref name="Settled"/> are the outreaches that have their verdict here.
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
        (_, AttemptDeferred e) => Held(state, e.Recipient, e.Attempt, e.At) with { Progress = Progress.Waiting },
        (_, MessageAccepted e) => Held(state, e.Recipient, e.Attempt, e.At).Settle(e.Recipient, Progress.Sent),
        (_, DeliveryInDoubt e) => Held(state, e.Recipient, e.Attempt, e.At).Settle(e.Recipient, Progress.InDoubt),
        (_, DeliveryFailed e) => Held(state, e.Recipient, null, null).Settle(e.Recipient, Progress.Failed),
        (null, MessageBounced e) => new(e.Recipient, Progress.Bounced, 1, default, [e.Recipient.OutreachId]) { Bounced = [e.Recipient.DeliveryId] },
        ({ } d, MessageBounced e) => d.Settle(e.Recipient, Progress.Bounced) with { Bounced = [.. d.Bounced, e.Recipient.DeliveryId] },
        (null, DeliverySkipped e) => new(e.Recipient, Progress.Skipped, 0, default, [e.Recipient.OutreachId]),
        ({ } d, DeliverySkipped e) => d.Settle(e.Recipient, Progress.Skipped),
        _ => state,
    };

    /// <summary>Which attempt the next message of this outreach is.</summary>
    public static int NextAttempt(Delivery? state, Guid outreach) => state is { } d && d.IsHeldBy(outreach)
        ? d.Progress is Progress.Sending ? Math.Max(1, d.Attempts) : d.Attempts + 1
        : 1;

    // Only who has the message in hand can say what became of it, so it is theirs.
    private static Delivery Held(Delivery? state, Recipient recipient, int? attempt, DateTimeOffset? at)
    {
        var held = state ?? new(recipient, Progress.Sending, 0, default, []);
        return held with { Recipient = recipient, Attempts = attempt ?? held.Attempts, StartedAt = at ?? held.StartedAt };
    }

    // The verdict of an outreach that does not hold the delivery is noted and changes nothing else: it was skipped because of the holder.
    private Delivery Settle(Recipient recipient, Progress progress) => this with
    {
        Progress = IsHeldBy(recipient.OutreachId) ? progress : Progress,
        Settled = HasVerdictFor(recipient.OutreachId) ? Settled : [.. Settled, recipient.OutreachId],
    };
}
