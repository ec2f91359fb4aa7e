using Platforms.Accounts;

namespace Platforms.TikTok;

/// <summary>The flat error of the OAuth endpoints; the API's envelope is another one. Its HTTP status is a switch, for the documentation is silent.</summary>
public static class OAuthError
{
    public static IResult Of(SwitchBoard switches, string error, string description) => Body(error, description, switches.Current.TikTok.OAuthErrorStatus);

    /// <summary>The failure that the control API ordered.</summary>
    public static IResult Faulted(Fault fault) => fault switch
    {
        { Words: { } words } => Body(words.Code, words.Message ?? "The request could not be completed.", fault.Status),
        { Status: StatusCodes.Status500InternalServerError } => Body("server_error", "Please try again later.", fault.Status),
        _ => Body("temporarily_unavailable", "Please try again later.", fault.Status),
    };

    private static IResult Body(string error, string description, int status) =>
        Wire.Json(new { error, error_description = description, log_id = LogId.New() }, status, error);
}
