using static Connections.Platforms.Diagnosis;

namespace Connections.Platforms.Instagram;

/// <summary>What the Graph API's errors mean. On graph.instagram.com a 190 may come without its subcode: then the stored end of life decides, and probes do.</summary>
internal static class InstagramDiagnosis
{
    /// <summary>The message is the only thing that tells a story nobody watched from a permission that was taken away.</summary>
    public const string NotEnoughViewers = "not-enough-viewers";

    /// <summary>The request is not allowed to our app at all: not reviewed, or the account is no tester.</summary>
    public const string ApiException = "api-exception";

    public static DiagnosisTable Table { get; } = new(
        new("ig/app-throttled", (seen, _) => seen.Code is "4", AppThrottled),
        new("ig/transient", (seen, _) => seen.Code is "1" or "2" or "17" or "32" or "341" or "613" or "80001" or "80002", Transient),
        new("ig/removed", (seen, _) => seen is { Code: "190", Subcode: "458" }, Invalid(InvalidReason.Revoked)),
        new("ig/password-changed", (seen, _) => seen is { Code: "190", Subcode: "460" }, Invalid(InvalidReason.Revoked)),
        new("ig/checkpoint", (seen, _) => seen is { Code: "190", Subcode: "459" or "464" }, Suspended()),
        new("ig/blocked", (seen, _) => seen.Code is "368", Suspended(Proof.ProbedRepeatedly)),
        new("ig/no-role", (seen, _) => seen is { Code: "190", Subcode: "492" }, Invalid(InvalidReason.PermissionRemoved)),
        new("ig/expired", (seen, facts) => seen is { Code: "190", Subcode: "463" } && (facts.IsPastEnd || facts.EndsAt is null), Expired),
        new("ig/expired-without-subcode", (seen, facts) => seen is { Code: "190", Subcode: null } or { Code: "102" } && facts.IsPastEnd, Expired),
        new("ig/ambiguous", (seen, _) => seen.Code is "190" or "102", Invalid(InvalidReason.Revoked, Confidence.Inferred, Proof.ProbedRepeatedly)),
        new("ig/no-viewers", (seen, _) => seen is { Code: "10", Mark: NotEnoughViewers }, NoData),
        new("ig/permission", (seen, _) => seen.Code is "10" || (int.TryParse(seen.Code, out var code) && code is >= 200 and <= 299), Invalid(InvalidReason.PermissionRemoved)),
        new("ig/object", (seen, _) => seen is { Code: "100", Subcode: "33" }, NoData),
        new("ig/ours", (seen, _) => seen.Code is "3" or "100" || seen.Mark is ApiException, Ours),
        new("ig/unavailable", (seen, _) => seen.Code is "9009", Suspended(Proof.ProbedRepeatedly)));
}
