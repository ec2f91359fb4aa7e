using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Webhooks;

/// <summary>What a receiver knows our messages by, written and used as Standard Webhooks says (https://www.standardwebhooks.com).</summary>
public static class SigningSecret
{
    private const string Prefix = "whsec_";
    private const int Size = 32;

    public static byte[] Create() => RandomNumberGenerator.GetBytes(Size);

    /// <summary>As a person sees it, once.</summary>
    public static string Show(byte[] secret) => Prefix + Convert.ToBase64String(secret);

    /// <summary>The value of <c>webhook-signature</c>: one signature per secret that signs, so that a receiver may know either of two while it changes over.</summary>
    public static string Sign(IEnumerable<byte[]> secrets, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.")), .. body];
        return string.Join(' ', secrets.Select(secret => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(secret, signed))}"));
    }
}
