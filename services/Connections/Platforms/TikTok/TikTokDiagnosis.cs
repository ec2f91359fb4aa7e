using static Connections.Platforms.Diagnosis;

namespace Connections.Platforms.TikTok;

/// <summary>What TikTok's errors mean. Expired and revoked read the same: the stored end of life and one refresh tell them apart.</summary>
internal static class TikTokDiagnosis
{
    public static DiagnosisTable Table { get; } = new(
        new("tt/expired", (seen, facts) => seen.Code is "invalid_grant" && facts.IsPastEnd, Expired),

        // A refresh whose answer never came may have replaced the token all the same. To TikTok the one we hold is then a used one.
        new("tt/lost-rotation", (seen, facts) => seen.Code is "invalid_grant" && facts.AnswerLost, Invalid(InvalidReason.Revoked, Confidence.Inferred)),
        new("tt/revoked", (seen, _) => seen.Code is "invalid_grant", Invalid(InvalidReason.Revoked, Confidence.Inferred)),
        new("tt/token", (seen, facts) => seen.Code is "access_token_invalid" && !facts.RefreshedSince, RefreshFirst),
        new("tt/token-again", (seen, _) => seen.Code is "access_token_invalid", Invalid(InvalidReason.Revoked, Confidence.Inferred)),
        new("tt/permission", (seen, _) => seen.Code is "scope_not_authorized" or "scope_permission_missed", Invalid(InvalidReason.PermissionRemoved)),
        new("tt/transient", (seen, _) => seen.Code is "rate_limit_exceeded" or "internal_error" or "server_error" or "temporarily_unavailable", Transient),
        new("tt/ours", (seen, _) => seen.Code is "invalid_client" or "unauthorized_client" or "invalid_params" or "invalid_request" or "invalid_scope" or "unsupported_grant_type", Ours));
}
