using EventSourcing;

namespace Campaigns;

public sealed record CreatorAdmitted(Guid CreatorId);

/// <summary>The creator's profile says something else from now on. Not what: that is personal data.</summary>
public sealed record CreatorAmended(Guid CreatorId);

/// <summary>
/// A person the organization works with. Events cannot be erased, so this stream knows that the creator exists and nothing about
/// who it is; that is <see cref="CreatorProfile"/>, whose revision is this one's.
/// </summary>
public sealed record Creator(Guid Id, long Revision) : IStreamState<Creator>
{
    public static Creator? Fold(Creator? state, object @event) => (state, @event) switch
    {
        (null, CreatorAdmitted e) => new(e.CreatorId, 1),
        ({ } c, CreatorAmended) => c with { Revision = c.Revision + 1 },
        _ => state,
    };
}
