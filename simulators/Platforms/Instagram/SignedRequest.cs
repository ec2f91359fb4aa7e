using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace Platforms.Instagram;

/// <summary>
/// Meta's signed_request: base64url(HMAC-SHA256 over the encoded payload), a dot, the encoded payload. (Source: Meta, Data Deletion Request Callback.)
/// </summary>
public static class SignedRequest
{
    public static string Sign(string userId, DateTimeOffset issuedAt, string secret, bool forge = false)
    {
        var payload = WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(Wire.Text(
            new { algorithm = "HMAC-SHA256", issued_at = issuedAt.ToUnixTimeSeconds(), user_id = userId })));
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(payload));
        return $"{WebEncoders.Base64UrlEncode(forge ? Wire.Spoil(signature) : signature)}.{payload}";
    }
}
