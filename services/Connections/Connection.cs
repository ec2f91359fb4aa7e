using EventSourcing;

namespace Connections;

/// <summary>The creator was sent to a platform's consent page.</summary>
public sealed record AuthorizationStarted(Guid CreatorId, string Platform, Guid? InvitationId);

/// <summary>The creator came back without an authorization we can use; <paramref name="Reason"/> is a word of <see cref="DeclineReason"/>.</summary>
public sealed record AuthorizationDeclined(string Reason, IReadOnlyList<string> MissingScopes);

/// <summary>The creator authorized the account; <paramref name="EndsAt"/> is the end of life the platform named, null where it named none.</summary>
public sealed record AccessGranted(Guid CreatorId, string Platform, string AccountId, IReadOnlyList<string> Scopes, DateTimeOffset? EndsAt, Guid? InvitationId, DateTimeOffset GrantedAt);

/// <summary>The authorization was renewed: its known end of life moved, or what is granted changed. Not every refresh is worth a fact.</summary>
public sealed record AccessRenewed(Guid CreatorId, string Platform, DateTimeOffset? EndsAt, IReadOnlyList<string> Scopes);

/// <summary>The known end of life is near and nothing has renewed it: <paramref name="Days"/> days before, or less.</summary>
public sealed record ExpiryApproached(Guid CreatorId, string Platform, DateTimeOffset EndsAt, int Days);

/// <summary>The known end of life passed and nothing else happened. Evidence where the platform said so, none where the clock did.</summary>
public sealed record AccessExpired(Guid CreatorId, string Platform, DateTimeOffset EndedAt, Evidence? Evidence = null);

/// <summary>A dead authorization works again, without the creator's doing: a suspension was lifted, or the loss was only inferred.</summary>
public sealed record AccessRecovered(Guid CreatorId, string Platform, DateTimeOffset? EndsAt, Evidence Evidence);

/// <summary>The authorization died before its end of life. The evidence says who told us, and how sure that is.</summary>
public sealed record AccessInvalidated(Guid CreatorId, string Platform, string Reason, Evidence Evidence);

/// <summary>Why we believe an authorization is dead.</summary>
/// <param name="Source">Who said so: <c>webhook</c>, <c>callback</c>, <c>refresh</c>, <c>probe</c>, <c>api</c>, <c>creator</c>, <c>organization</c>, ...</param>
/// <param name="Code">The platform's own code, where it gave one.</param>
/// <param name="At">When the platform says it happened (UTC).</param>
/// <param name="Confidence"><c>confirmed</c> or <c>inferred</c>.</param>
/// <param name="Rule">The row of the platform's decision table that was applied, where one was.</param>
public sealed record Evidence(string Source, string? Code, DateTimeOffset At, string Confidence, string? Rule = null);

/// <summary>What a person sees of an authorization.</summary>
public enum Standing
{
    /// <summary>Grey: never connected.</summary>
    NotConnected,

    /// <summary>Green.</summary>
    Connected,

    /// <summary>Red: its known end of life passed.</summary>
    Expired,

    /// <summary>Red: it died earlier, for a reason.</summary>
    Invalidated,
}

/// <summary>Why an authorization died before its end of life.</summary>
public static class InvalidReason
{
    public const string Revoked = nameof(Revoked);
    public const string PermissionRemoved = nameof(PermissionRemoved);
    public const string AccountSuspended = nameof(AccountSuspended);
    public const string AccountDeleted = nameof(AccountDeleted);
    public const string DisconnectedByCreator = nameof(DisconnectedByCreator);
    public const string DisconnectedByUs = nameof(DisconnectedByUs);
    public const string DataDeletionRequested = nameof(DataDeletionRequested);
}

/// <summary>Why a visit to a consent page led to no connection.</summary>
public static class DeclineReason
{
    public const string Denied = "denied";
    public const string ScopeMissing = "scope-missing";
    public const string PersonalAccount = "personal-account";
    public const string OtherAccount = "other-account";
    public const string AccountTaken = "account-taken";
    public const string PlatformRefused = "platform-refused";
}

/// <summary>One creator's authorization of one platform. Its id follows from organization, creator and platform, so reconnecting repairs the same one.</summary>
public sealed record Connection(
    Guid Id,
    Guid CreatorId,
    string Platform,
    Standing Standing,
    string? Reason,
    string? AccountId,
    IReadOnlyList<string> Scopes,
    DateTimeOffset? EndsAt,
    DateTimeOffset? GrantedAt) : IStreamState<Connection>
{
    public static Guid IdOf(string organization, Guid creator, string platform) => StreamId.Of("connection", organization, creator.ToString(), platform);

    /// <summary>May it come back to life without the creator? Not where somebody ended it on purpose, nor where the account is gone.</summary>
    public bool MayRecover => Standing is Standing.Invalidated && Reason is InvalidReason.Revoked or InvalidReason.PermissionRemoved or InvalidReason.AccountSuspended;

    // Events this version does not know leave the state alone, so an older node survives a newer stream.
    public static Connection? Fold(Connection? state, object @event) => (state, @event) switch
    {
        (null, AuthorizationStarted e) => new(Guid.Empty, e.CreatorId, e.Platform, Standing.NotConnected, null, null, [], null, null),
        (var c, AccessGranted e) => (c ?? new(Guid.Empty, e.CreatorId, e.Platform, Standing.NotConnected, null, null, [], null, null)) with
        {
            Standing = Standing.Connected,
            Reason = null,
            AccountId = e.AccountId,
            Scopes = e.Scopes,
            EndsAt = e.EndsAt,
            GrantedAt = e.GrantedAt,
        },
        ({ } c, AccessRenewed e) => c with { EndsAt = e.EndsAt, Scopes = e.Scopes },
        ({ } c, AccessRecovered e) => c with { Standing = Standing.Connected, Reason = null, EndsAt = e.EndsAt },
        ({ } c, AccessExpired) => c with { Standing = Standing.Expired, Reason = null },
        ({ } c, AccessInvalidated e) => c with { Standing = Standing.Invalidated, Reason = e.Reason },
        _ => state,
    };
}
