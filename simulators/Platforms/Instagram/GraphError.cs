using System.Globalization;
using Platforms.Accounts;

namespace Platforms.Instagram;

/// <summary>The Graph API's error shape. (Source: Meta, Handle Errors.)</summary>
public static class GraphError
{
    private const int Unknown = 1;
    private const int TemporarilyUnavailable = 2;
    private const int TooManyCalls = 4;

    public static IResult Of(int code, string message, int? subcode = null, string type = "OAuthException", int status = 400, bool? transient = null) => Wire.Json(
        new { error = new { message, type, code, error_subcode = subcode, is_transient = transient, fbtrace_id = Wire.Secret("A", 16) } },
        status,
        subcode is null ? $"{code}" : $"{code}/{subcode}");

    /// <summary>The failure that the control API ordered.</summary>
    public static IResult Faulted(Fault fault) => fault switch
    {
        { Words: { } words } => Of(
            Number(words.Code) ?? Unknown,
            words.Message ?? $"(#{words.Code}) The request could not be completed.",
            Number(words.Subcode),
            words.Type ?? "OAuthException",
            fault.Status,
            words.Transient),
        { Status: StatusCodes.Status429TooManyRequests } => Of(TooManyCalls, "(#4) Application request limit reached", status: fault.Status, transient: true),
        _ => Of(TemporarilyUnavailable, "An unexpected error has occurred. Please retry your request later.", status: fault.Status, transient: true),
    };

    public static int? Number(string? code) => int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
