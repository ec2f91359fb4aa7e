using EventSourcing;

namespace Connections.Hub;

/// <summary>The Hub was opened through the invitation for the first time.</summary>
public sealed record InvitationFirstOpened(Guid CreatorId, Guid? CampaignId, DateTimeOffset At);

/// <summary>Outreach took the invitation back.</summary>
public sealed record InvitationWithdrawn(DateTimeOffset At);

/// <summary>What became of an invitation. Its stream has the invitation's id, and two facts at most: reloading a page writes nothing.</summary>
public sealed record KnownInvitation(Guid Id, bool IsOpened, bool IsWithdrawn) : IStreamState<KnownInvitation>
{
    /// <summary>May the Hub be opened through it? Nothing: yes, once more.</summary>
    public static Decision Open(KnownInvitation? state, Invitation invitation, DateTimeOffset now) => state switch
    {
        { IsWithdrawn: true } => Decision.Refuse("invitation.revoked", "This invitation was taken back. Ask whoever invited you for a new one."),
        { IsOpened: true } => Decision.Nothing,
        _ => Decision.Of(new InvitationFirstOpened(invitation.CreatorId, invitation.CampaignId, now)),
    };

    /// <summary>Nothing gives an invitation back, so it does not matter what arrives first.</summary>
    public static Decision Withdraw(KnownInvitation? state, DateTimeOffset at) =>
        state is { IsWithdrawn: true } ? Decision.Nothing : Decision.Of(new InvitationWithdrawn(at));

    // Events this version does not know leave the state alone, so an older node survives a newer stream.
    public static KnownInvitation? Fold(KnownInvitation? state, object @event) => @event switch
    {
        InvitationFirstOpened => new(Guid.Empty, true, state?.IsWithdrawn is true),
        InvitationWithdrawn => new(Guid.Empty, state?.IsOpened is true, true),
        _ => state,
    };
}
