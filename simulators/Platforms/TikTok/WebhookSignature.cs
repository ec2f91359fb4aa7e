using System.Security.Cryptography;
using System.Text;

namespace Platforms.TikTok;

/// <summary>t=unix seconds, s=hex HMAC-SHA256 of "t.body" with the client secret. (Source: TikTok for Developers, Webhook Verification.)</summary>
public static class WebhookSignature
{
    public const string Header = "TikTok-Signature";

    public static string Of(string body, DateTimeOffset now, string secret, bool forge = false)
    {
        var time = now.ToUnixTimeSeconds();
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{body}"));
        return $"t={time},s={Convert.ToHexStringLower(forge ? Wire.Spoil(signature) : signature)}";
    }
}
