using Platforms.Accounts;

namespace Platforms.Google;

/// <summary>The error of the token and revocation endpoints: <c>error</c> is a string here, and an object at the APIs.</summary>
public static class TokenError
{
    public static IResult Of(string error, string description, int status = StatusCodes.Status400BadRequest) =>
        Of(error, null, description, status);

    /// <summary>The failure that the control API ordered.</summary>
    public static IResult Faulted(Fault fault) => fault switch
    {
        { Words: { } words } => Of(words.Code, words.Subcode, words.Message, fault.Status),
        { Status: StatusCodes.Status429TooManyRequests } => Of("rate_limit_exceeded", "Too many requests.", fault.Status),
        _ => Of("internal_failure", "Backend error.", fault.Status),
    };

    private static IResult Of(string error, string? subtype, string? description, int status) =>
        Wire.Json(new { error, error_subtype = subtype, error_description = description }, status, subtype is null ? error : $"{error}/{subtype}");
}
