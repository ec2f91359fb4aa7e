using Platforms.Accounts;

namespace Platforms.Instagram;

/// <summary>The Graph API's error shape. (Source: Meta, Handle Errors.)</summary>
public static class GraphError
{
    private const int TemporarilyUnavailable = 2;
    private const int TooManyCalls = 4;

    public static IResult Of(int code, string message, int? subcode = null, string type = "OAuthException", int status = 400, bool? transient = null) =>
        Wire.Json(new { error = new { message, type, code, error_subcode = subcode, is_transient = transient, fbtrace_id = Wire.Secret("A", 16) } }, status);

    /// <summary>The failure that the control API ordered.</summary>
    public static IResult Faulted(Fault fault, HttpResponse response)
    {
        Wire.AskToWait(response, fault);
        return fault.Status is StatusCodes.Status429TooManyRequests
            ? Of(TooManyCalls, "(#4) Application request limit reached", status: fault.Status, transient: true)
            : Of(TemporarilyUnavailable, "An unexpected error has occurred. Please retry your request later.", status: fault.Status, transient: true);
    }
}
