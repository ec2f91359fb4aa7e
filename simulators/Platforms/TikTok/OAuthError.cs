using Platforms.Accounts;

namespace Platforms.TikTok;

/// <summary>The flat error of the OAuth endpoints; the API's envelope is another one. Its HTTP status is a switch, for the documentation is silent.</summary>
public static class OAuthError
{
    public static IResult Of(SwitchBoard switches, string error, string description) => Body(error, description, switches.Current.TikTok.OAuthErrorStatus);

    /// <summary>The failure that the control API ordered.</summary>
    public static IResult Faulted(Fault fault, HttpResponse response)
    {
        Wire.AskToWait(response, fault);
        var error = fault.Status is StatusCodes.Status500InternalServerError ? "server_error" : "temporarily_unavailable";
        return Body(error, "Please try again later.", fault.Status);
    }

    private static IResult Body(string error, string description, int status) =>
        Wire.Json(new { error, error_description = description, log_id = LogId.New() }, status);
}
