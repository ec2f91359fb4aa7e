using EventSourcing;

namespace Connections.Insights;

/// <summary>A pull of a connection's insights is done. How much it brought; never what.</summary>
/// <param name="ConnectionId">The connection.</param>
/// <param name="CreatorId">Whose it is.</param>
/// <param name="Platform">Its platform.</param>
/// <param name="Kind">How much was asked for.</param>
/// <param name="AccountMetrics">Numbers about the account.</param>
/// <param name="ContentItems">Pieces of content.</param>
/// <param name="ContentMetrics">Numbers about content.</param>
/// <param name="Through">The last day the account's numbers reach to; null where there were none.</param>
public sealed record InsightsPulled(Guid ConnectionId, Guid CreatorId, string Platform, string Kind, long AccountMetrics, long ContentItems, long ContentMetrics, DateOnly? Through);

/// <summary>Insights stopped coming. Recorded once, however often it is tried.</summary>
/// <param name="ConnectionId">The connection.</param>
/// <param name="CreatorId">Whose it is.</param>
/// <param name="Platform">Its platform.</param>
/// <param name="Code">The platform's own code.</param>
/// <param name="Since">The first failure (UTC).</param>
public sealed record InsightsFailed(Guid ConnectionId, Guid CreatorId, string Platform, string Code, DateTimeOffset Since);

/// <summary>Insights come again.</summary>
public sealed record InsightsResumed(Guid ConnectionId, Guid CreatorId, string Platform);

/// <summary>Whether insights of a connection come. A stream beside the connection's: that one says "authorized", this one "data flows".</summary>
public sealed record InsightsFeed(Guid Id, bool IsFailing) : IStreamState<InsightsFeed>
{
    public static Guid IdOf(string organization, Guid connection) => StreamId.Of("insights", organization, connection.ToString());

    public static InsightsFeed? Fold(InsightsFeed? state, object @event) => @event switch
    {
        InsightsPulled => state ?? new(Guid.Empty, false),
        InsightsFailed => new(state?.Id ?? Guid.Empty, true),
        InsightsResumed => new(state?.Id ?? Guid.Empty, false),
        _ => state,
    };
}
