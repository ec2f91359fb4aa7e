using EventSourcing;

namespace Connections;

/// <summary>What stands between the creator and the marketplace; no <paramref name="Reasons"/> means nothing does, so the creator may be invited.</summary>
public sealed record MarketplaceEligibilityFound(Guid CreatorId, string? From, IReadOnlyList<string> Reasons, Evidence Evidence);

/// <summary>The creator has an invitation to the marketplace. <paramref name="EndsAt"/> is our reckoning: the platform names no end.</summary>
public sealed record MarketplaceInvited(Guid CreatorId, string? From, DateTimeOffset EndsAt, Evidence Evidence);

/// <summary>The platform itself speaks of the invitation: from now on its silence about it means something.</summary>
public sealed record MarketplaceInvitationSeen(Guid CreatorId, Evidence Evidence);

/// <summary>The invitation reached its end unanswered.</summary>
public sealed record MarketplaceInviteExpired(Guid CreatorId, DateTimeOffset EndedAt, Evidence Evidence);

/// <summary>The creator is in the marketplace.</summary>
public sealed record MarketplaceJoined(Guid CreatorId, string? From, Evidence Evidence);

/// <summary>The creator turned the invitation down.</summary>
public sealed record MarketplaceDeclined(Guid CreatorId, Evidence Evidence);

/// <summary>The creator was in the marketplace and is not any more.</summary>
public sealed record MarketplaceLeft(Guid CreatorId, Evidence Evidence);

/// <summary>A creator's standing in TikTok's marketplace.</summary>
public enum MarketplaceStatus
{
    /// <summary>Cannot be invited, for reasons.</summary>
    NotEligible,

    /// <summary>Not in, and nobody has asked.</summary>
    NotInvited,

    /// <summary>Asked, and has not answered.</summary>
    Invited,

    /// <summary>Asked, and never answered.</summary>
    InviteExpired,

    /// <summary>In.</summary>
    Joined,

    /// <summary>Asked, and said no.</summary>
    Declined,
}

/// <summary>Why a creator cannot be invited. Words of ours: the platform's own may name the creator.</summary>
public static class MarketplaceReason
{
    public const string HandleUnknown = nameof(HandleUnknown);
    public const string NotACreator = nameof(NotACreator);
    public const string OutsideRegions = nameof(OutsideRegions);
    public const string TooFewFollowers = nameof(TooFewFollowers);
    public const string Underage = nameof(Underage);
    public const string Rejected = nameof(Rejected);
}

/// <summary>What the platform said about one creator.</summary>
public enum MarketplaceWord
{
    In,

    /// <summary>Not in. Of an invited creator most answers say no more than this.</summary>
    NotIn,
    Invited,
    HandleUnknown,
    NotACreator,
    OutsideRegions,

    /// <summary>An invitation was refused.</summary>
    Rejected,
}

/// <summary>An answer of the platform: the word, why, and when it was asked, by which call.</summary>
public sealed record MarketplaceFinding(MarketplaceWord Word, IReadOnlyList<string> Reasons, Evidence Evidence)
{
    public const string FromStatus = "status";
    public const string FromInvitation = "invitation";
    public const string FromClock = "clock";

    /// <summary>A message with a campaign's link went out: the platform itself has said nothing yet.</summary>
    public const string FromOutreach = "outreach";

    public static MarketplaceFinding Of(MarketplaceWord word, string code, DateTimeOffset askedAt, string source = FromStatus) =>
        new(word, [], new(source, code, askedAt, "confirmed"));
}

/// <summary>How long our reckoning holds where the platform names no time.</summary>
public sealed record MarketplaceTerms(TimeSpan InviteLifetime, TimeSpan RejectionLifetime);

/// <summary>
/// A creator's standing in the marketplace. It is no authorization and lives apart from the creator's TikTok connection: disconnecting
/// that changes nothing here. No stream yet means: never checked.
/// </summary>
public sealed record MarketplaceStanding(
    Guid Id, Guid CreatorId, MarketplaceStatus Status, IReadOnlyList<string> Reasons, DateTimeOffset? InviteEndsAt, bool InviteSeen, Evidence Evidence) : IStreamState<MarketplaceStanding>
{
    public static Guid IdOf(string organization, Guid creator) => StreamId.Of("marketplace", organization, creator.ToString());

    public bool IsInviteOpen(DateTimeOffset now) => Status is MarketplaceStatus.Invited && now < InviteEndsAt;

    /// <summary>What an answer of the platform means. One that was asked for before what is known happened is stale.</summary>
    public static Decision Note(MarketplaceStanding? state, Guid creator, MarketplaceFinding finding, MarketplaceTerms terms)
    {
        var evidence = finding.Evidence;
        return (finding.Word, state?.Status) switch
        {
            _ when evidence.At < state?.Evidence.At => Decision.Nothing,

            (MarketplaceWord.In, MarketplaceStatus.Joined) => Decision.Nothing,
            (MarketplaceWord.In, var from) => Decision.Of(new MarketplaceJoined(creator, from?.ToString(), evidence)),

            (MarketplaceWord.Invited, MarketplaceStatus.Invited) => evidence.Source == MarketplaceFinding.FromStatus && !state!.InviteSeen
                ? Decision.Of(new MarketplaceInvitationSeen(creator, evidence))
                : Decision.Nothing,
            (MarketplaceWord.Invited, var from) => Decision.Of(new MarketplaceInvited(creator, from?.ToString(), evidence.At + terms.InviteLifetime, evidence)),

            (MarketplaceWord.OutsideRegions, _) => NotEligible(MarketplaceReason.OutsideRegions),
            (MarketplaceWord.Rejected, not MarketplaceStatus.Joined) => NotEligible([.. finding.Reasons]),

            // The end comes with an answer and not with the clock alone: whoever joined on the last day must not show as expired first.
            (_, MarketplaceStatus.Invited) when evidence.At >= state!.InviteEndsAt => Decision.Of(new MarketplaceInviteExpired(creator, state.InviteEndsAt!.Value, evidence)),

            // Only where the platform had spoken of the invitation does its silence say that it was turned down.
            (MarketplaceWord.NotIn, MarketplaceStatus.Invited) when state!.InviteSeen => Decision.Of(new MarketplaceDeclined(creator, evidence with { Confidence = "inferred" })),
            (MarketplaceWord.NotIn, MarketplaceStatus.Joined) => Decision.Of(new MarketplaceLeft(creator, evidence)),
            (MarketplaceWord.NotIn, null) => NotEligible(),

            // Not being in says nothing about what an invitation was refused for. After a while it is worth another try.
            (MarketplaceWord.NotIn, MarketplaceStatus.NotEligible) when state!.Evidence.Source != MarketplaceFinding.FromInvitation || evidence.At - state.Evidence.At >= terms.RejectionLifetime => NotEligible(),

            (MarketplaceWord.NotACreator, not MarketplaceStatus.Invited) => NotEligible(MarketplaceReason.NotACreator),

            // A handle that changed says nothing about a membership or an open invitation.
            (MarketplaceWord.HandleUnknown, not (MarketplaceStatus.Invited or MarketplaceStatus.Joined)) => NotEligible(MarketplaceReason.HandleUnknown),
            _ => Decision.Nothing,
        };

        Decision NotEligible(params string[] reasons) => state is { Status: MarketplaceStatus.NotEligible } && state.Reasons.SequenceEqual(reasons)
            ? Decision.Nothing
            : Decision.Of(new MarketplaceEligibilityFound(creator, state?.Status.ToString(), reasons, evidence));
    }

    /// <summary>The creator was invited. An invitation past its end that nobody has looked at since ends before the new one begins.</summary>
    public static Decision NoteInvitation(MarketplaceStanding? state, Guid creator, MarketplaceFinding finding, MarketplaceTerms terms)
    {
        if (NoteSilence(state, finding.Evidence.At) is not Decision.Recorded ended)
        {
            return Note(state, creator, finding, terms);
        }

        var next = Note(StreamFold<MarketplaceStanding>.Of(ended.Events, state), creator, finding, terms);
        return next is Decision.Recorded recorded ? Decision.Of([.. ended.Events, .. recorded.Events]) : ended;
    }

    /// <summary>The creator was mailed a campaign's link. That asks them, and does not change who is in or cannot be taken: only the platform says so.</summary>
    public static Decision NoteMessage(MarketplaceStanding? state, Guid creator, DateTimeOffset at, MarketplaceTerms terms) =>
        state is { Status: MarketplaceStatus.Joined or MarketplaceStatus.NotEligible }
            ? Decision.Nothing
            : NoteInvitation(state, creator, new(MarketplaceWord.Invited, [], new(MarketplaceFinding.FromOutreach, null, at, "inferred")), terms);

    /// <summary>Nobody can be asked because no handle is known: then the clock alone ends an invitation.</summary>
    public static Decision NoteSilence(MarketplaceStanding? state, DateTimeOffset now) => state is { Status: MarketplaceStatus.Invited } && now >= state.InviteEndsAt
        ? Decision.Of(new MarketplaceInviteExpired(state.CreatorId, state.InviteEndsAt.Value, new(MarketplaceFinding.FromClock, null, now, "inferred")))
        : Decision.Nothing;

    // Events this version does not know leave the state alone, so an older node survives a newer stream.
    public static MarketplaceStanding? Fold(MarketplaceStanding? state, object @event) => @event switch
    {
        MarketplaceEligibilityFound e => new(
            Guid.Empty, e.CreatorId, e.Reasons.Count > 0 ? MarketplaceStatus.NotEligible : MarketplaceStatus.NotInvited, e.Reasons, null, false, e.Evidence),
        MarketplaceInvited e => new(
            Guid.Empty, e.CreatorId, MarketplaceStatus.Invited, [], e.EndsAt, e.Evidence.Source == MarketplaceFinding.FromStatus, e.Evidence),
        MarketplaceInvitationSeen e when state is not null => state with { InviteSeen = true, Evidence = e.Evidence },
        MarketplaceInviteExpired e => new(Guid.Empty, e.CreatorId, MarketplaceStatus.InviteExpired, [], null, false, e.Evidence),
        MarketplaceJoined e => new(Guid.Empty, e.CreatorId, MarketplaceStatus.Joined, [], null, false, e.Evidence),
        MarketplaceDeclined e => new(Guid.Empty, e.CreatorId, MarketplaceStatus.Declined, [], null, false, e.Evidence),
        MarketplaceLeft e => new(Guid.Empty, e.CreatorId, MarketplaceStatus.NotInvited, [], null, false, e.Evidence),
        _ => state,
    };
}
