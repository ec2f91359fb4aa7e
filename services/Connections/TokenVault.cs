using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Connections.Platforms;

namespace Connections;

/// <summary>The vault's key-encryption key. Section <c>TokenVault</c>.</summary>
public sealed class TokenVaultOptions
{
    /// <summary>256-bit key, base64. Wraps the data keys; never encrypts a token itself.</summary>
    [Required]
    public string Key { get; set; } = "";

    /// <summary>Name of the key, stored beside what it wrapped, so that keys can be rotated.</summary>
    [Required]
    public string KeyId { get; set; } = "local-1";
}

/// <summary>The sealed tokens of one connection. A document beside the stream, never an event: it can be erased.</summary>
public sealed record SealedTokens(Guid Id, string KeyId, byte[] WrappedKey, byte[] Ciphertext);

/// <summary>
/// Seals tokens by envelope encryption: AES-256-GCM under a data key of their own, which the key-encryption key wraps. Organization and
/// connection are bound in as associated data, so a row copied to another tenant or connection does not open.
/// </summary>
public sealed class TokenVault
{
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private readonly byte[] keyEncryptionKey;
    private readonly string keyId;

    public TokenVault(TokenVaultOptions options)
    {
        keyEncryptionKey = Convert.FromBase64String(options.Key);
        if (keyEncryptionKey.Length != 32)
        {
            throw new ArgumentException("TokenVault:Key must be 32 bytes in base64.", nameof(options));
        }

        keyId = options.KeyId;
    }

    /// <summary>Seals a token set for one connection of one organization.</summary>
    public SealedTokens Seal(string organization, Guid connection, TokenSet tokens)
    {
        var dataKey = RandomNumberGenerator.GetBytes(32);
        var associated = Associated(organization, connection);
        try
        {
            return new(connection, keyId, Encrypt(keyEncryptionKey, dataKey, associated), Encrypt(dataKey, JsonSerializer.SerializeToUtf8Bytes(tokens), associated));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }

    /// <summary>Opens what <see cref="Seal"/> sealed for the same organization and connection.</summary>
    /// <exception cref="CryptographicException">Another key, another connection, or tampered with.</exception>
    public TokenSet Open(string organization, SealedTokens sealedTokens)
    {
        if (sealedTokens.KeyId != keyId)
        {
            throw new CryptographicException($"The tokens were sealed under the key {sealedTokens.KeyId}, which is not at hand.");
        }

        var associated = Associated(organization, sealedTokens.Id);
        var dataKey = Decrypt(keyEncryptionKey, sealedTokens.WrappedKey, associated);
        try
        {
            return JsonSerializer.Deserialize<TokenSet>(Decrypt(dataKey, sealedTokens.Ciphertext, associated))!;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }

    private static byte[] Associated(string organization, Guid connection) => Encoding.UTF8.GetBytes($"{organization}/{connection}");

    private static byte[] Encrypt(byte[] key, byte[] plain, byte[] associated)
    {
        var output = new byte[NonceSize + plain.Length + TagSize];
        RandomNumberGenerator.Fill(output.AsSpan(0, NonceSize));
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(output.AsSpan(0, NonceSize), plain, output.AsSpan(NonceSize, plain.Length), output.AsSpan(NonceSize + plain.Length), associated);
        return output;
    }

    private static byte[] Decrypt(byte[] key, byte[] input, byte[] associated)
    {
        var plain = new byte[input.Length - NonceSize - TagSize];
        using var aes = new AesGcm(key, TagSize);
        aes.Decrypt(input.AsSpan(0, NonceSize), input.AsSpan(NonceSize, plain.Length), input.AsSpan(NonceSize + plain.Length), plain, associated);
        return plain;
    }
}
