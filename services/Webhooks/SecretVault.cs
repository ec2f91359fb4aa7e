using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;

namespace Webhooks;

/// <summary>How signing secrets are kept and how they change. Section <c>Secrets</c>.</summary>
public sealed class SecretOptions : IValidatableObject
{
    public const string Section = "Secrets";

    /// <summary>What secrets are sealed under: 256 bits, base64.</summary>
    [Required]
    public string Key { get; init; } = "";

    /// <summary>Name of <see cref="Key"/>, stored beside what it sealed. Give a new key a new name, and the old one to <see cref="FormerKeys"/>.</summary>
    [Required]
    public string KeyId { get; init; } = "local-1";

    /// <summary>Keys that only open what they sealed, by name: each 256 bits, base64.</summary>
    public Dictionary<string, string> FormerKeys { get; init; } = [];

    /// <summary>How long a secret goes on signing beside the one that takes its place.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan Overlap { get; init; } = TimeSpan.FromDays(1);

    internal IEnumerable<KeyValuePair<string, string>> AllKeys => FormerKeys.Where(pair => pair.Key != KeyId).Append(new(KeyId, Key));

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => AllKeys
        .Where(pair => !Convert.TryFromBase64String(pair.Value, new byte[pair.Value.Length], out var length) || length != SecretVault.KeySize)
        .Select(pair => new ValidationResult($"The key {pair.Key} of the section Secrets must be 32 bytes in base64."));
}

/// <summary>A secret as it is stored.</summary>
public sealed record SealedSecret(Guid Id, string KeyId, byte[] Bytes);

/// <summary>
/// Seals signing secrets with AES-256-GCM: a fresh nonce in front, the tag behind. Organization, endpoint and secret are bound in as associated data, so a row copied
/// to another tenant or endpoint does not open.
/// </summary>
public sealed class SecretVault
{
    public const int KeySize = 32;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private readonly Dictionary<string, byte[]> keys;
    private readonly string active;

    public SecretVault(SecretOptions options)
    {
        keys = options.AllKeys.ToDictionary(pair => pair.Key, pair => Convert.FromBase64String(pair.Value));
        active = options.KeyId;
    }

    public SealedSecret Seal(string organization, Guid endpoint, Guid id, byte[] secret)
    {
        var output = new byte[NonceSize + secret.Length + TagSize];
        RandomNumberGenerator.Fill(output.AsSpan(0, NonceSize));
        using var aes = new AesGcm(keys[active], TagSize);
        aes.Encrypt(
            output.AsSpan(0, NonceSize), secret, output.AsSpan(NonceSize, secret.Length), output.AsSpan(NonceSize + secret.Length), Associated(organization, endpoint, id));
        return new(id, active, output);
    }

    /// <exception cref="CryptographicException">Its key is not among those configured, or it is of another organization or endpoint, or tampered with.</exception>
    public byte[] Open(string organization, Guid endpoint, SealedSecret secret)
    {
        if (!keys.TryGetValue(secret.KeyId, out var key))
        {
            throw new CryptographicException($"A signing secret is sealed under the key {secret.KeyId}, which is not configured. Add it to Secrets:FormerKeys.");
        }

        if (secret.Bytes.Length < NonceSize + TagSize)
        {
            throw new CryptographicException("What was sealed is cut off.");
        }

        var plain = new byte[secret.Bytes.Length - NonceSize - TagSize];
        using var aes = new AesGcm(key, TagSize);
        aes.Decrypt(
            secret.Bytes.AsSpan(0, NonceSize), secret.Bytes.AsSpan(NonceSize, plain.Length), secret.Bytes.AsSpan(NonceSize + plain.Length), plain, Associated(organization, endpoint, secret.Id));
        return plain;
    }

    private static byte[] Associated(string organization, Guid endpoint, Guid secret) => Encoding.UTF8.GetBytes($"{organization}/{endpoint}/{secret}");
}
