using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Platforms.Accounts;

namespace Platforms;

/// <summary>How the platforms write: JSON with the names exactly as given, absent instead of null; addresses percent-encoded.</summary>
public static class Wire
{
    private static readonly JsonSerializerOptions Options = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <param name="body">The answer.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="code">For the call log, when the body is an error: the platform's code.</param>
    public static IResult Json(object body, int status = StatusCodes.Status200OK, string? code = null) =>
        new WireAnswer(Results.Json(body, Options, statusCode: status), status, code);

    public static string Text(object body) => JsonSerializer.Serialize(body, Options);

    /// <summary>Adds parameters to an address; those that are null are left out.</summary>
    public static string With(string address, params (string Name, string? Value)[] parameters) =>
        parameters.Where(p => p.Value is not null)
            .Aggregate(address, (url, p) => $"{url}{(url.Contains('?') ? '&' : '?')}{p.Name}={Uri.EscapeDataString(p.Value!)}");

    public static string Secret(string prefix, int bytes = 48) => prefix + WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(bytes));

    /// <summary>A signature that looks right and is not.</summary>
    public static byte[] Spoil(byte[] signature)
    {
        var spoilt = (byte[])signature.Clone();
        spoilt[0] ^= 0xFF;
        return spoilt;
    }

    public static void AskToWait(HttpResponse response, Fault fault) =>
        response.Headers.RetryAfter = fault.RetryAfterSeconds is { } seconds ? seconds.ToString(CultureInfo.InvariantCulture) : default(StringValues);

    public static string? Bearer(HttpRequest request) =>
        request.Headers.Authorization.ToString() is var header && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Trim() : null;

    /// <summary>Client id and secret as HTTP Basic carries them: each form-encoded first (RFC 6749, 2.3.1).</summary>
    public static (string Id, string Secret)? BasicCredentials(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        var decoded = new byte[header.Length];
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) || !Convert.TryFromBase64String(header[6..].Trim(), decoded, out var length))
        {
            return null;
        }

        var parts = Encoding.UTF8.GetString(decoded, 0, length).Split(':', 2);
        return parts is [var id, var secret] ? (WebUtility.UrlDecode(id), WebUtility.UrlDecode(secret)) : null;
    }

    public static string Origin(HttpRequest request) => $"{request.Scheme}://{request.Host}";
}

/// <summary>An answer of a platform, with what the call log notes of it.</summary>
public sealed class WireAnswer(IResult result, int status, string? code) : IResult
{
    public int Status => status;

    public string? Code => code;

    public Task ExecuteAsync(HttpContext httpContext) => result.ExecuteAsync(httpContext);
}
