using EventSourcing;

namespace Outreach;

/// <summary>The message was opened for the first time, as far as an image in it tells.</summary>
public sealed record MessageOpened(Recipient Recipient, DateTimeOffset At);

/// <summary>The Creator Hub was opened through the message's invitation for the first time.</summary>
public sealed record InvitationClicked(Recipient Recipient, DateTimeOffset At);

/// <summary>The recipient connected a platform through the message's invitation, for the first time.</summary>
public sealed record CreatorConverted(Recipient Recipient, string Platform, Guid ConnectionId, DateTimeOffset At);

/// <summary>Somebody took the message's invitation back.</summary>
public sealed record InvitationWithdrawn(Recipient Recipient, string WithdrawnBy, DateTimeOffset At);

/// <summary>
/// What became of one message after it was sent. A stream of its own beside the <see cref="Delivery"/>, so that a thousand readers never race the
/// sending; its id is the delivery's, which is the invitation's too. Each fact is recorded once, in whatever order the news arrives.
/// </summary>
public sealed record Engagement(Guid Id, bool IsOpened, bool IsClicked, IReadOnlyList<string> Platforms, bool IsWithdrawn) : IStreamState<Engagement>
{
    private static readonly Engagement None = new(Guid.Empty, false, false, [], false);

    public static Engagement? Fold(Engagement? state, object @event) => @event switch
    {
        MessageOpened => (state ?? None) with { IsOpened = true },
        InvitationClicked => (state ?? None) with { IsClicked = true },
        CreatorConverted e => (state ?? None) with { Platforms = [.. state?.Platforms ?? [], e.Platform] },
        InvitationWithdrawn => (state ?? None) with { IsWithdrawn = true },
        _ => state,
    };
}
