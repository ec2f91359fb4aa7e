using EventSourcing;

namespace Outreach;

/// <summary>The name creators read as the sender.</summary>
public sealed record SenderNamed(Guid Id, string Name, long Sequence);

public sealed record KnownOrganization(Guid Id, string Name, long Sequence) : IStreamState<KnownOrganization>
{
    public static Guid IdOf(string organization) => StreamId.Of("known-organization", organization);

    public static KnownOrganization? Fold(KnownOrganization? state, object @event) => @event switch
    {
        SenderNamed e => new(e.Id, e.Name, e.Sequence),
        _ => state,
    };
}
