using EventSourcing;

namespace Campaigns;

public sealed record InsightsNoted(
    Guid Id, Guid ConnectionId, Guid CreatorId, string Platform, DateTimeOffset CollectedAt, DateOnly? Through, long ContentItems, long Sequence);

/// <summary>The newest pull of one connection's insights that this service heard of.</summary>
public sealed record CreatorInsights(Guid Id, long Sequence) : IStreamState<CreatorInsights>
{
    /// <summary>Beside the connection's own stream: pulls are counted by a sequence of their own.</summary>
    public static Guid StreamOf(string organization, Guid connection) => StreamId.Of("creator-insights", organization, connection.ToString());

    /// <summary>Old news changes nothing.</summary>
    public static Decision Note(CreatorInsights? state, InsightsNoted news) =>
        state is not null && news.Sequence <= state.Sequence ? Decision.Nothing : Decision.Of(news);

    public static CreatorInsights? Fold(CreatorInsights? state, object @event) => (state, @event) switch
    {
        (_, InsightsNoted e) => new(e.Id, e.Sequence),
        _ => state,
    };
}
