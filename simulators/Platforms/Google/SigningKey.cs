using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Platforms.Accounts;

namespace Platforms.Google;

/// <summary>The key Google signs with. Kept over restarts, since our services may hold on to the published one.</summary>
public sealed class SigningKey : IDisposable
{
    private const string Kind = "google-key";

    private readonly RSA rsa = RSA.Create(2048);
    private readonly string keyId;

    public SigningKey(Journal journal)
    {
        if (journal.Recall<string>(Kind).SingleOrDefault() is { } kept)
        {
            rsa.ImportPkcs8PrivateKey(Convert.FromBase64String(kept), out _);
        }
        else
        {
            journal.Remember(Kind, Kind, Convert.ToBase64String(rsa.ExportPkcs8PrivateKey()));
        }

        keyId = Convert.ToHexStringLower(SHA256.HashData(rsa.ExportSubjectPublicKeyInfo()))[..40];
    }

    public object PublicKeys()
    {
        var key = rsa.ExportParameters(includePrivateParameters: false);
        return new
        {
            keys = new[] { new { kty = "RSA", use = "sig", alg = "RS256", kid = keyId, n = WebEncoders.Base64UrlEncode(key.Modulus!), e = WebEncoders.Base64UrlEncode(key.Exponent!) } },
        };
    }

    public string Sign(object claims, bool forge = false)
    {
        var signed = $"{Encode(new { alg = "RS256", kid = keyId, typ = "JWT" })}.{Encode(claims)}";
        var signature = rsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{WebEncoders.Base64UrlEncode(forge ? Wire.Spoil(signature) : signature)}";
    }

    public void Dispose() => rsa.Dispose();

    private static string Encode(object part) => WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(Wire.Text(part)));
}
