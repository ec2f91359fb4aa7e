using EventSourcing;

namespace Outreach;

/// <summary>
/// The creator gets no more mail: of one campaign, or of the whole organization where <paramref name="CampaignId"/> is null. <paramref name="By"/> is
/// who brought it about, <paramref name="DeliveryId"/> the message that led to it.
/// </summary>
public sealed record CreatorSuppressed(Guid SuppressionId, Guid CreatorId, Guid? CampaignId, string Reason, string By, Guid? DeliveryId);

/// <summary>One reason not to write to the creator is gone. Another one may remain.</summary>
public sealed record CreatorReadmitted(Guid CreatorId, Guid? CampaignId, string Reason, string By);

/// <summary>Why a creator is not written to.</summary>
public enum SuppressionReason
{
    /// <summary>Somebody of the organization decided so.</summary>
    Manual,

    /// <summary>The creator asked for it.</summary>
    Unsubscribed,

    /// <summary>The mailbox does not exist.</summary>
    HardBounce,

    /// <summary>The creator called a message spam.</summary>
    Complaint,
}

/// <summary>One reason and how far it reaches: one campaign, or everything (null).</summary>
public sealed record Obstruction(Guid? CampaignId, string Reason);

/// <summary>
/// Why one creator is not written to. Reasons are kept apart: a creator who changes their mind about unsubscribing does not bring a dead mailbox back to life.
/// </summary>
public sealed record Suppression(Guid Id, Guid CreatorId, IReadOnlyList<Obstruction> Obstructions) : IStreamState<Suppression>
{
    /// <summary>Brought about by the creator's own hand.</summary>
    public const string ByCreator = "creator";

    /// <summary>Brought about by a report of a mail server.</summary>
    public const string ByMailServer = "mail-server";

    public static Guid IdOf(string organization, Guid creator) => StreamId.Of("suppression", organization, creator.ToString("N"));

    public bool Has(Guid? campaign, SuppressionReason reason) => Obstructions.Contains(new(campaign, reason.ToString()));

    public static Decision Add(Suppression? state, string organization, Guid creator, Guid? campaign, SuppressionReason reason, string by, Guid? delivery = null) =>
        state?.Has(campaign, reason) == true
            ? Decision.Nothing
            : Decision.Of(new CreatorSuppressed(IdOf(organization, creator), creator, campaign, reason.ToString(), by, delivery));

    /// <summary>Takes away what stands in the way of <paramref name="campaign"/>, or in the way of everything where it is null.</summary>
    public static Decision Lift(Suppression? state, Guid? campaign, string by) => Lift(state, one => one.CampaignId == campaign, by);

    /// <summary>The creator's own change of mind: what they asked for about this campaign and about everything.</summary>
    public static Decision Resubscribe(Suppression? state, Guid campaign) =>
        Lift(state, one => one.Reason == nameof(SuppressionReason.Unsubscribed) && (one.CampaignId is null || one.CampaignId == campaign), ByCreator);

    public static Suppression? Fold(Suppression? state, object @event) => (state, @event) switch
    {
        (null, CreatorSuppressed e) => new(e.SuppressionId, e.CreatorId, [new(e.CampaignId, e.Reason)]),
        ({ } s, CreatorSuppressed e) => s with { Obstructions = [.. s.Obstructions, new(e.CampaignId, e.Reason)] },
        ({ } s, CreatorReadmitted e) => s with { Obstructions = [.. s.Obstructions.Where(one => one != new Obstruction(e.CampaignId, e.Reason))] },
        _ => state,
    };

    private static Decision Lift(Suppression? state, Func<Obstruction, bool> isMeant, string by) =>
        state?.Obstructions.Where(isMeant).ToArray() is { Length: > 0 } meant
            ? Decision.Of([.. meant.Select(one => new CreatorReadmitted(state.CreatorId, one.CampaignId, one.Reason, by))])
            : Decision.Nothing;
}
