using System.Security.Cryptography;

namespace Connections.Vault;

/// <summary>AES-256-GCM with a fresh nonce in front and the tag behind.</summary>
internal static class Envelope
{
    public const int KeySize = 32;
    private const int NonceSize = 12;
    private const int TagSize = 16;

    public static byte[] Encrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> associated)
    {
        var output = new byte[NonceSize + plain.Length + TagSize];
        RandomNumberGenerator.Fill(output.AsSpan(0, NonceSize));
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(output.AsSpan(0, NonceSize), plain, output.AsSpan(NonceSize, plain.Length), output.AsSpan(NonceSize + plain.Length), associated);
        return output;
    }

    /// <exception cref="CryptographicException">Another key, other associated data, cut off or tampered with.</exception>
    public static byte[] Decrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> input, ReadOnlySpan<byte> associated)
    {
        if (input.Length < NonceSize + TagSize)
        {
            throw new CryptographicException("What was sealed is cut off.");
        }

        var plain = new byte[input.Length - NonceSize - TagSize];
        using var aes = new AesGcm(key, TagSize);
        aes.Decrypt(input[..NonceSize], input.Slice(NonceSize, plain.Length), input[(NonceSize + plain.Length)..], plain, associated);
        return plain;
    }
}
