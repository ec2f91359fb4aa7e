using System.ComponentModel.DataAnnotations;

namespace Connections.Vault;

/// <summary>The vault's keys. Section <c>TokenVault</c>.</summary>
public sealed class TokenVaultOptions
{
    /// <summary>A ring of one key: 256 bits, base64. Wraps keys of creators; never encrypts a token itself.</summary>
    public string? Key { get; set; }

    /// <summary>Name of <see cref="Key"/>, stored beside what it wrapped.</summary>
    public string KeyId { get; set; } = "local-1";

    /// <summary>A ring of several keys, by name: each 256 bits, base64. Joined by <see cref="Key"/> where that is set.</summary>
    public Dictionary<string, string> Keys { get; } = [];

    /// <summary>The local key that wraps from now on; every other one only unwraps. Unset: <see cref="Transit"/> where it is set, else the only key.</summary>
    public string? ActiveKeyId { get; set; }

    /// <summary>A key-management service in place of the local keys, which then only unwrap what is still under them.</summary>
    public TransitOptions? Transit { get; set; }

    /// <summary>At least 256 bits, base64, from which lookup columns are keyed. Unset: derived from the local keys, and then bound to their life.</summary>
    public string? LookupSecret { get; set; }

    /// <summary>How long a creator's key stays in memory unwrapped. After an erasure other replicas may know it for so long; zero keeps none.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan CacheFor { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Most keys to keep in memory unwrapped.</summary>
    [Range(1, 10_000_000)]
    public int CacheSize { get; set; } = 10_000;

    /// <summary>How often to look for keys of creators that are not under the active key.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan RewrapEvery { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>A key that was wrapped this recently stays as it is, so that replicas that disagree during an update do not undo each other's work.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan RewrapAfter { get; set; } = TimeSpan.FromMinutes(10);

    internal IEnumerable<KeyValuePair<string, string>> AllKeys => Key is { Length: > 0 } key ? Keys.Where(pair => pair.Key != KeyId).Append(new(KeyId, key)) : Keys;

    /// <summary>What is written in base64; null where it is not.</summary>
    internal static byte[]? Bytes(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? bytes[..length] : null;
    }
}

/// <summary>A key of the transit secrets engine of HashiCorp Vault or OpenBao. Section <c>TokenVault:Transit</c>.</summary>
public sealed class TransitOptions
{
    /// <summary>Origin of the service; https, unless it is on this machine.</summary>
    [Required]
    public Uri Address { get; set; } = null!;

    /// <summary>Where the engine is mounted; a namespace may stand in front.</summary>
    [Required]
    public string Mount { get; set; } = "transit";

    /// <summary>Name of a key that was created with <c>derived=true</c>.</summary>
    [Required]
    public string Key { get; set; } = "";

    /// <summary>May read the key, and encrypt, decrypt and rewrap with it. This or <see cref="TokenFile"/>.</summary>
    public string? Token { get; set; }

    /// <summary>A file that holds the token and is read at each call, for tokens that an agent renews.</summary>
    public string? TokenFile { get; set; }

    /// <summary>How long to wait for an answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);
}
