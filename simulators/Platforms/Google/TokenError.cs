using Platforms.Accounts;

namespace Platforms.Google;

/// <summary>The error of the token and revocation endpoints: <c>error</c> is a string here, and an object at the APIs.</summary>
public static class TokenError
{
    public static IResult Of(string error, string description, int status = StatusCodes.Status400BadRequest) =>
        Wire.Json(new { error, error_description = description }, status);

    /// <summary>The failure that the control API ordered.</summary>
    public static IResult Faulted(Fault fault, HttpResponse response)
    {
        Wire.AskToWait(response, fault);
        return fault.Status is StatusCodes.Status429TooManyRequests
            ? Of("rate_limit_exceeded", "Too many requests.", fault.Status)
            : Of("internal_failure", "Backend error.", fault.Status);
    }
}
