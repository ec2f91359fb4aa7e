using EventSourcing;

namespace Connections;

/// <summary>We learnt the name creators see of an organization.</summary>
public sealed record OrganizationNameLearnt(string Name, long Sequence);

/// <summary>We learnt that the organization works with a creator.</summary>
public sealed record CreatorLearnt(long Sequence);

/// <summary>We learnt of a campaign creators are asked for.</summary>
public sealed record CampaignLearnt(string Name, DateOnly EndsOn, long Sequence);

/// <summary>What this service knows of an organization.</summary>
public sealed record KnownOrganization(Guid Id, string Name, long Sequence) : IStreamState<KnownOrganization>
{
    public static Guid IdOf(string organization) => StreamId.Of("known-organization", organization);

    public static KnownOrganization? Fold(KnownOrganization? state, object @event) =>
        @event is OrganizationNameLearnt e ? new(Guid.Empty, e.Name, e.Sequence) : state;
}

/// <summary>What this service knows of a creator: that there is one. Name and address stay where they can be erased.</summary>
public sealed record KnownCreator(Guid Id, long Sequence) : IStreamState<KnownCreator>
{
    public static KnownCreator? Fold(KnownCreator? state, object @event) => @event is CreatorLearnt e ? new(Guid.Empty, e.Sequence) : state;
}

/// <summary>What this service knows of a campaign.</summary>
public sealed record KnownCampaign(Guid Id, string Name, DateOnly EndsOn, long Sequence) : IStreamState<KnownCampaign>
{
    public static KnownCampaign? Fold(KnownCampaign? state, object @event) =>
        @event is CampaignLearnt e ? new(Guid.Empty, e.Name, e.EndsOn, e.Sequence) : state;
}
