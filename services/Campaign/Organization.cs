using EventSourcing;

namespace Campaigns;

public sealed record NameChosen(string OrganizationId, string Name);

/// <summary>The tenant itself: the name its creators know it by.</summary>
public sealed record Organization(Guid Id, string OrganizationId, string Name) : IStreamState<Organization>
{
    public const int LongestName = 200;

    public static Guid StreamOf(string organization) => StreamId.Of("organization", organization);

    public static Organization? Fold(Organization? state, object @event) => (state, @event) switch
    {
        (null, NameChosen e) => new(StreamOf(e.OrganizationId), e.OrganizationId, e.Name),
        ({ } o, NameChosen e) => o with { Name = e.Name },
        _ => state,
    };
}
