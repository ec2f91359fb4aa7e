using System.Security.Cryptography;
using System.Text;

namespace Platforms.Instagram;

/// <summary>sha256= and the hexadecimal HMAC-SHA256 of the raw body with the application's secret. (Source: Meta, Webhooks, Validating Payloads.)</summary>
public static class HubSignature
{
    public const string Header = "X-Hub-Signature-256";

    public static string Of(string body, string secret, bool forge = false)
    {
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body));
        return $"sha256={Convert.ToHexStringLower(forge ? Wire.Spoil(signature) : signature)}";
    }
}
