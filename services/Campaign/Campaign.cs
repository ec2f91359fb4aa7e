using EventSourcing;

namespace Campaigns;

public sealed record CampaignPlanned(Guid CampaignId, string Name, DateOnly StartsOn, DateOnly EndsOn, IReadOnlyList<string> RequiredConnections);

/// <summary>A brief with dates and the connection types it needs. Its roster lives in one <see cref="Membership"/> per creator.</summary>
public sealed record Campaign(Guid Id, string Name, DateOnly StartsOn, DateOnly EndsOn, IReadOnlyList<string> RequiredConnections) : IStreamState<Campaign>
{
    public const int LongestName = 200;

    /// <summary>The required types that creators grant by consent.</summary>
    public IEnumerable<string> RequiredAuthorizations => RequiredConnections.Where(type => ConnectionType.Named(type) is { IsAuthorization: true });

    /// <summary>Is this the campaign that plan asks for? Tells a repeated request from a second one under the same key.</summary>
    public bool IsPlannedAs(CampaignPlanned plan) =>
        (Name, StartsOn, EndsOn) == (plan.Name, plan.StartsOn, plan.EndsOn) && RequiredConnections.SequenceEqual(plan.RequiredConnections);

    public static Campaign? Fold(Campaign? state, object @event) => (state, @event) switch
    {
        (null, CampaignPlanned e) => new(e.CampaignId, e.Name, e.StartsOn, e.EndsOn, e.RequiredConnections),
        _ => state,
    };
}
