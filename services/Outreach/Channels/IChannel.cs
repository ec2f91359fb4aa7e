namespace Outreach.Channels;

/// <summary>A way to reach a creator. Today e-mail; another one is a folder, an options section and a line in <c>Wiring</c>.</summary>
public interface IChannel
{
    /// <summary>Opens a line that carries one message after the other, or throws <see cref="ChannelUnavailable"/> when nothing can be sent now.</summary>
    Task<ILine> Open(CancellationToken ct);
}

/// <summary>One open line to the outside. Not for two messages at once.</summary>
public interface ILine : IAsyncDisposable
{
    /// <summary>Can it carry another message?</summary>
    bool IsOpen { get; }

    /// <summary>Sends one message. Never throws for what the other side did: the answer says what is known of the message.</summary>
    /// <param name="parcel">The message.</param>
    /// <param name="mayLeave">
    /// May it leave? The other side may be spoken to meanwhile, but cannot have the whole message before this says so. When it says no, or fails, the answer means nothing and the line may be closed.
    /// </param>
    Task<Answer> Send(Parcel parcel, Task<bool> mayLeave);
}

/// <summary>A letter with where it goes. Personal data, kept no longer than the sending takes.</summary>
public sealed record Parcel(Guid DeliveryId, int Attempt, string Name, string Address, string SenderName, Letter Letter)
{
    /// <summary>From whom; without it, from the address of the installation.</summary>
    public Sender? Sender { get; init; }

    /// <summary>Where the recipient stops such messages, for those that belong to a list. A message to oneself has none.</summary>
    public UnsubscribeOffer? Unsubscribe { get; init; }
}

/// <summary>The organization's list, and the link that takes the recipient off it: one press is enough (RFC 8058).</summary>
public sealed record UnsubscribeOffer(string Organization, Uri Link);

/// <summary>The channel as a whole cannot send: no recipient is to blame, so none gets a verdict.</summary>
public sealed class ChannelUnavailable(string message, Exception inner) : Exception(message, inner);

/// <summary>What is known of a message after an attempt.</summary>
public abstract record Answer
{
    private Answer()
    {
    }

    /// <summary>The other side took responsibility for it.</summary>
    public sealed record Accepted : Answer;

    /// <summary>It did not go out, and a later attempt can succeed. <paramref name="Reason"/> is a stable word, <paramref name="Code"/> the other side's own (RFC 3463).</summary>
    public sealed record TryLater(string Reason, string? Code = null) : Answer;

    /// <summary>It did not go out and never will. <paramref name="Reason"/> is a stable word, <paramref name="Code"/> the other side's own (RFC 3463).</summary>
    public sealed record Refused(string Reason, string? Code = null) : Answer;

    /// <summary>The line broke after the message had left and before the answer came: it may have arrived.</summary>
    public sealed record Unknown : Answer;
}
