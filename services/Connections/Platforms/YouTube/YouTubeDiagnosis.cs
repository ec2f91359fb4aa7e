using static Connections.Platforms.Diagnosis;

namespace Connections.Platforms.YouTube;

/// <summary>What Google's errors mean. It does not say why a grant is invalid: the stored clocks tell expired from revoked.</summary>
internal static class YouTubeDiagnosis
{
    public const string AccountDeleted = "account-deleted";

    /// <summary>Google drops a refresh token that was not used for six months.</summary>
    public static readonly TimeSpan LongestIdle = TimeSpan.FromDays(182);

    /// <summary>Refresh tokens of an app whose consent screen is in testing live this long, whatever the response says.</summary>
    public static readonly TimeSpan TestingLifetime = TimeSpan.FromDays(7);

    public static DiagnosisTable Table(bool testing) => new(
        new("yt/ours", (seen, _) => seen.Code is "invalid_client" or "deleted_client" or "unauthorized_client" or "accessNotConfigured", Ours),
        new("yt/account-deleted", (seen, _) => seen is { Code: "invalid_grant", Mark: AccountDeleted }, Invalid(InvalidReason.AccountDeleted)),
        new("yt/reauthenticate", (seen, _) => seen is { Code: "invalid_grant", Subcode: "invalid_rapt" }, Expired),
        new("yt/expired", (seen, facts) => seen.Code is "invalid_grant" && facts.IsPastEnd, Expired),
        new("yt/idle", (seen, facts) => seen.Code is "invalid_grant" && facts.RenewedAt + LongestIdle < facts.Now, Expired),
        new("yt/testing", (seen, facts) => testing && seen.Code is "invalid_grant" && facts.GrantedAt + TestingLifetime <= facts.Now, Expired),
        new("yt/revoked", (seen, _) => seen.Code is "invalid_grant", Invalid(InvalidReason.Revoked, Confidence.Inferred)),
        new("yt/token", (seen, facts) => seen.Code is "authError" or "authorizationRequired" && !facts.RefreshedSince, RefreshFirst),
        new("yt/token-again", (seen, _) => seen.Code is "authError" or "authorizationRequired", Invalid(InvalidReason.Revoked, Confidence.Inferred)),
        new("yt/suspended", (seen, _) => seen.Code is "authenticatedUserAccountSuspended" or "channelSuspended", Suspended()),
        new("yt/closed", (seen, _) => seen.Code is "authenticatedUserAccountClosed" or "channelClosed", Invalid(InvalidReason.AccountDeleted)),
        new("yt/permission", (seen, _) => seen.Code is "insufficientPermissions" or "ACCESS_TOKEN_SCOPE_INSUFFICIENT", Invalid(InvalidReason.PermissionRemoved)),
        new("yt/quota", (seen, _) => seen.Code is "quotaExceeded" or "dailyLimitExceeded", AppThrottled),
        new(
            "yt/transient",
            (seen, _) => seen.Code is "rateLimitExceeded" or "userRateLimitExceeded" or "RESOURCE_EXHAUSTED" or "backendError" or "internalError" or "internal_failure" or "rate_limit_exceeded",
            Transient),
        new("yt/no-channel", (seen, _) => seen.Code is "youtubeSignupRequired", NoData),
        new("yt/missing", (seen, _) => seen.Code is "channelNotFound" or "videoNotFound" or "playlistNotFound", NoData),
        new("yt/inspect", (seen, _) => seen.Code is "forbidden" or "authenticatedUserNotChannel" or "accountDelegationForbidden", Ours));
}
