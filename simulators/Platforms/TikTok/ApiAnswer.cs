using Platforms.Accounts;

namespace Platforms.TikTok;

/// <summary>The envelope of the Display API: data and an error, whose code is "ok" when there is none.</summary>
public static class ApiAnswer
{
    public static IResult Of(object data) => Wire.Json(Envelope(data, "ok", ""));

    public static IResult Error(string code, string message, int status) => Wire.Json(Envelope(new { }, code, message), status, code);

    public static IResult InvalidToken() =>
        Error("access_token_invalid", "The access token is invalid or not found in the request.", StatusCodes.Status401Unauthorized);

    public static IResult ScopeMissing() => Error(
        "scope_not_authorized", "The user did not authorize the scope required for completing this request.", StatusCodes.Status401Unauthorized);

    /// <summary>The failure that the control API ordered.</summary>
    public static IResult Faulted(Fault fault) => fault switch
    {
        { Words: { } words } => Error(words.Code, words.Message ?? "The request could not be completed.", fault.Status),
        { Status: StatusCodes.Status429TooManyRequests } => Error("rate_limit_exceeded", "Please try again later.", fault.Status),
        _ => Error("internal_error", "Please try again later.", fault.Status),
    };

    private static object Envelope(object data, string code, string message) => new { data, error = new { code, message, log_id = LogId.New() } };
}
