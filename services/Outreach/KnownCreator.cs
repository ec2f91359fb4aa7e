using EventSourcing;

namespace Outreach;

/// <summary>The organization works with this creator.</summary>
public sealed record CreatorBecameKnown(Guid CreatorId, long Sequence);

public sealed record KnownCreator(Guid Id, long Sequence) : IStreamState<KnownCreator>
{
    public static KnownCreator? Fold(KnownCreator? state, object @event) => @event switch
    {
        CreatorBecameKnown e => new(e.CreatorId, e.Sequence),
        _ => state,
    };
}
