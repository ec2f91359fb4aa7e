using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace Platforms.Google;

/// <summary>Proof key for code exchange (RFC 7636).</summary>
public static class Pkce
{
    private const string Hashed = "S256";
    private const int HashLength = 43;
    private const int ShortestVerifier = 43;
    private const int LongestVerifier = 128;

    public static bool IsWellFormed(string challenge, string? method) =>
        method is Hashed ? challenge.Length is HashLength : method is null or "plain" && challenge.Length is >= ShortestVerifier and <= LongestVerifier;

    public static bool Proves(string verifier, string challenge, string? method) => method is Hashed
        ? WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))) == challenge
        : verifier == challenge;
}
