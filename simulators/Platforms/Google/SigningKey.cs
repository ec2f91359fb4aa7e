using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Platforms.Accounts;

namespace Platforms.Google;

/// <summary>The key Google signs with. Kept over restarts, since our services may hold on to the published one.</summary>
public sealed class SigningKey(Journal journal)
{
    private const string Kind = "google-key";

    // Making a key takes half a second of work, so a process makes one for all the simulators that keep nothing.
    private static readonly Lazy<string> OfThisProcess = new(New);

    private readonly Lazy<(RSAParameters Key, string Id)> pair = new(() => Recall(journal));

    public object PublicKeys()
    {
        var (key, id) = pair.Value;
        var (n, e) = (WebEncoders.Base64UrlEncode(key.Modulus!), WebEncoders.Base64UrlEncode(key.Exponent!));
        return new { keys = new[] { new { kty = "RSA", use = "sig", alg = "RS256", kid = id, n, e } } };
    }

    public string Sign(object claims, bool forge = false)
    {
        var (key, id) = pair.Value;
        var signed = $"{Encode(new { alg = "RS256", kid = id, typ = "JWT" })}.{Encode(claims)}";
        // An RSA object is not promised to serve two threads at once, and importing a key costs little beside using it.
        using var rsa = RSA.Create(key);
        var signature = rsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{WebEncoders.Base64UrlEncode(forge ? Wire.Spoil(signature) : signature)}";
    }

    private static (RSAParameters Key, string Id) Recall(Journal journal)
    {
        if (journal.Recall<string>(Kind).SingleOrDefault() is not { } kept)
        {
            journal.Remember(Kind, Kind, kept = journal.IsKept ? New() : OfThisProcess.Value);
        }

        using var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(Convert.FromBase64String(kept), out _);
        return (rsa.ExportParameters(includePrivateParameters: true), Convert.ToHexStringLower(SHA256.HashData(rsa.ExportSubjectPublicKeyInfo()))[..40]);
    }

    private static string New()
    {
        using var rsa = RSA.Create(2048);
        return Convert.ToBase64String(rsa.ExportPkcs8PrivateKey());
    }

    private static string Encode(object part) => WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(Wire.Text(part)));
}
