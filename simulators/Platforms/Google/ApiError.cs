using Platforms.Accounts;

namespace Platforms.Google;

/// <summary>The error of Google's APIs: an object with the HTTP status, a list of reasons and sometimes details.</summary>
public static class ApiError
{
    public static IResult InvalidCredentials() =>
        Of(401, "Request had invalid authentication credentials. Expected OAuth 2 access token.", "global", "authError", "UNAUTHENTICATED");

    public static IResult ScopeMissing() => Of(
        403,
        "Request had insufficient authentication scopes.",
        "global",
        "insufficientPermissions",
        "PERMISSION_DENIED",
        [new Dictionary<string, string>
        {
            ["@type"] = "type.googleapis.com/google.rpc.ErrorInfo",
            ["reason"] = "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            ["domain"] = "googleapis.com",
        }]);

    public static IResult Of(int status, string message, string domain, string reason, string? name = null, object[]? details = null) =>
        Wire.Json(new { error = new { code = status, message, errors = new[] { new { message, domain, reason } }, status = name, details } }, status, reason);

    /// <summary>The failure that the control API ordered.</summary>
    public static IResult Faulted(Fault fault) => fault switch
    {
        { Words: { } words } => Of(fault.Status, words.Message ?? words.Code, words.Type ?? "youtube", words.Code),
        { Status: StatusCodes.Status403Forbidden } => Of(403, "The request cannot be completed: quota exceeded.", "youtube.quota", "quotaExceeded"),
        { Status: StatusCodes.Status429TooManyRequests } => Of(429, "Rate limit exceeded.", "usageLimits", "rateLimitExceeded", "RESOURCE_EXHAUSTED"),
        _ => Of(fault.Status, "Backend Error", "global", "backendError"),
    };
}
