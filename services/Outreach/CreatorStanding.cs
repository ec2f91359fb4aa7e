using EventSourcing;

namespace Outreach;

/// <summary>The creator authorized a platform.</summary>
public sealed record OptInGranted(Guid StandingId, string Platform, long Sequence);

/// <summary>The authorization died early.</summary>
public sealed record OptInLost(Guid StandingId, string Platform, long Sequence);

/// <summary>The authorization reached its end of life.</summary>
public sealed record OptInLapsed(Guid StandingId, string Platform, long Sequence);

/// <summary>One creator's connections as this service heard of them; a platform never heard of was never connected.</summary>
public sealed record CreatorStanding(Guid Id, IReadOnlyDictionary<string, OptIn> Platforms) : IStreamState<CreatorStanding>
{
    public static Guid IdOf(string organization, Guid creator) => StreamId.Of("creator-standing", organization, creator.ToString("N"));

    public bool IsConnected(string platform) => Platforms.TryGetValue(platform, out var optIn) && optIn.IsConnected;

    /// <summary>The platforms whose authorization died.</summary>
    public IEnumerable<string> Lost => Platforms.Where(platform => !platform.Value.IsConnected).Select(platform => platform.Key);

    public bool HasSomethingToReconnect => Lost.Any();

    /// <summary>A creator has one connection per platform, so the sequence is compared per platform.</summary>
    public bool KnowsBetter(string platform, long sequence) => Platforms.TryGetValue(platform, out var optIn) && optIn.Sequence >= sequence;

    public static CreatorStanding? Fold(CreatorStanding? state, object @event) => @event switch
    {
        OptInGranted e => With(state, e.StandingId, e.Platform, new(true, e.Sequence)),
        OptInLost e => With(state, e.StandingId, e.Platform, new(false, e.Sequence)),
        OptInLapsed e => With(state, e.StandingId, e.Platform, new(false, e.Sequence)),
        _ => state,
    };

    private static CreatorStanding With(CreatorStanding? state, Guid id, string platform, OptIn optIn) =>
        new(id, new Dictionary<string, OptIn>(state?.Platforms ?? new Dictionary<string, OptIn>()) { [platform] = optIn });
}

public sealed record OptIn(bool IsConnected, long Sequence);
