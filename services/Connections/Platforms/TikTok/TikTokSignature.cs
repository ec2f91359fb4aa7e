using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Connections.Platforms.TikTok;

/// <summary>How TikTok signs its webhooks: t=unix seconds, s=hex HMAC-SHA256 of "t.body" with the application's secret.</summary>
internal static class TikTokSignature
{
    public const string Header = "TikTok-Signature";

    // How old a signature may be is not checked here: the platform retries for days without saying whether it signs anew. A repeated
    // notice is told by its fingerprint, a stale one by being older than what it speaks of.
    public static bool Matches(string? header, byte[] body, string secret)
    {
        var parts = (header ?? "").Split(',').Select(part => part.Split('=', 2)).Where(pair => pair.Length == 2).ToLookup(pair => pair[0].Trim(), pair => pair[1].Trim());
        if (parts["t"].SingleOrDefault() is not { } time || parts["s"].SingleOrDefault() is not { } signature || !long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            return false;
        }

        byte[] signed = [.. Encoding.ASCII.GetBytes(time + "."), .. body];
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed);
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(expected)), Encoding.ASCII.GetBytes(signature.ToLowerInvariant()));
    }
}
