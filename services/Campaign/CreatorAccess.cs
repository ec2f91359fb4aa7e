using EventSourcing;

namespace Campaigns;

public sealed record AccessNoted(Guid ConnectionId, Guid CreatorId, string Platform, string Status, string? Reason, long Sequence, DateTimeOffset Since);

/// <summary>What this service has heard of one connection, which another service owns. The newest news counts, whatever order it came in.</summary>
public sealed record CreatorAccess(Guid Id, Guid CreatorId, string Platform, string Status, string? Reason, long Sequence, DateTimeOffset Since)
    : IStreamState<CreatorAccess>
{
    /// <summary>
    /// Old news changes nothing. <see cref="Since"/> comes from the newest news alone: keeping the start of an unbroken spell would make
    /// it depend on which of several messages arrived first.
    /// </summary>
    public static Decision Note(CreatorAccess? state, AccessNoted news) =>
        state is not null && news.Sequence <= state.Sequence ? Decision.Nothing : Decision.Of(news);

    public static CreatorAccess? Fold(CreatorAccess? state, object @event) => (state, @event) switch
    {
        (_, AccessNoted e) => new(e.ConnectionId, e.CreatorId, e.Platform, e.Status, e.Reason, e.Sequence, e.Since),
        _ => state,
    };
}
