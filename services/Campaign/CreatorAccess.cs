using EventSourcing;

namespace Campaigns;

public sealed record AccessNoted(Guid ConnectionId, Guid CreatorId, string Platform, string Status, string? Reason, long Sequence, DateTimeOffset Since);

/// <summary>A known end of life is near, or, without a date, near no more.</summary>
public sealed record ExpiryNoted(Guid ConnectionId, Guid CreatorId, string Platform, DateTimeOffset? ExpiresAt, long Sequence);

/// <summary>
/// What this service has heard of one connection, which another service owns. The newest news counts, whatever order it came in: of the status by
/// Sequence, of the end of life by ExpirySequence, since the two arrive in any order and must not hide each other.
/// </summary>
public sealed record CreatorAccess(
    Guid Id, Guid CreatorId, string Platform, string Status, string? Reason, long Sequence, DateTimeOffset Since, DateTimeOffset? ExpiresAt = null, long ExpirySequence = 0)
    : IStreamState<CreatorAccess>
{
    /// <summary>
    /// Old news changes nothing. <see cref="Since"/> comes from the newest news alone: keeping the start of an unbroken spell would make
    /// it depend on which of several messages arrived first.
    /// </summary>
    public static Decision Note(CreatorAccess? state, AccessNoted news) =>
        state is not null && news.Sequence <= state.Sequence ? Decision.Nothing : Decision.Of(news);

    /// <summary>Old news changes nothing here either.</summary>
    public static Decision Note(CreatorAccess? state, ExpiryNoted news) =>
        state is not null && news.Sequence <= state.ExpirySequence ? Decision.Nothing : Decision.Of(news);

    public static CreatorAccess? Fold(CreatorAccess? state, object @event) => (state, @event) switch
    {
        (_, AccessNoted e) => new(e.ConnectionId, e.CreatorId, e.Platform, e.Status, e.Reason, e.Sequence, e.Since, state?.ExpiresAt, state?.ExpirySequence ?? 0),
        (null, ExpiryNoted e) => new(e.ConnectionId, e.CreatorId, e.Platform, ConnectionStatus.NotConnected, null, 0, DateTimeOffset.MinValue, e.ExpiresAt, e.Sequence),
        ({ } access, ExpiryNoted e) => access with { ExpiresAt = e.ExpiresAt, ExpirySequence = e.Sequence },
        _ => state,
    };
}
