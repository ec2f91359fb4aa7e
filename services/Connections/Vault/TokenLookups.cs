using System.Security.Cryptography;
using System.Text;
using Connections.Platforms;
using EventSourcing;
using Npgsql;

namespace Connections.Vault;

/// <summary>By what a platform may name a token, keyed so that the column tells nothing to whoever reads it.</summary>
/// <param name="Kind">The platform's word for the way it names tokens.</param>
/// <param name="Value">Keyed hash of the name, base64.</param>
public sealed record TokenLookup(string Kind, string Value);

/// <summary>
/// Finds connections by what a platform calls their refresh token. Google's <c>token-revoked</c> names one by its first 16 characters, or by the
/// SHA-512 of its SHA-512 in base64; either is kept as HMAC-SHA256 only.
/// </summary>
public sealed class TokenLookups
{
    /// <summary>The first 16 characters, in the clear.</summary>
    public const string Prefix = "prefix";

    /// <summary>base64(SHA512(SHA512(token))), in either alphabet.</summary>
    public const string DoubleHash = "hash_base64_sha512_sha512";

    private const int PrefixLength = 16;
    private readonly NpgsqlDataSource source;

    // The first keys what is written; all of them key what is looked for.
    private readonly byte[][] keys;

    /// <exception cref="ArgumentException">There is nothing to derive a key from.</exception>
    public TokenLookups(TokenVaultOptions options, NpgsqlDataSource source)
    {
        this.source = source;
        var local = options.AllKeys.OrderByDescending(key => key.Key == (options.ActiveKeyId ?? options.KeyId)).Select(key => key.Value);
        keys = [.. (options.LookupSecret is { Length: > 0 } secret ? local.Prepend(secret) : local).Select(DerivedFrom)];
        if (keys.Length == 0)
        {
            throw new ArgumentException("TokenVault:LookupSecret must be set where no local key is: lookup columns are keyed from it.", nameof(options));
        }
    }

    /// <summary>The rows to keep beside a token set.</summary>
    public IReadOnlyList<TokenLookup> KeysOf(TokenSet tokens)
    {
        if (tokens.RefreshToken is not { Length: >= PrefixLength } token)
        {
            return [];
        }

        var hash = SHA512.HashData(SHA512.HashData(Encoding.UTF8.GetBytes(token)));
        return [Keyed(keys[0], Prefix, Encoding.UTF8.GetBytes(token[..PrefixLength])), Keyed(keys[0], DoubleHash, hash)];
    }

    /// <summary>The row of a token that a platform names this way, under the key that is written with; null for a name that makes no sense.</summary>
    public TokenLookup? KeyOf(string kind, string value) => Named(kind, value) is { } name ? Keyed(keys[0], kind, name) : null;

    /// <summary>Whose token a platform speaks of, in every organization; empty for one we do not hold and for a name that makes no sense.</summary>
    /// <param name="kind"><see cref="Prefix"/> or <see cref="DoubleHash"/>.</param>
    /// <param name="value">As the platform wrote it.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<IReadOnlyList<(string Organization, Guid Connection)>> Find(string kind, string value, CancellationToken ct)
    {
        if (Named(kind, value) is not { } name)
        {
            return [];
        }

        await using var command = source.CreateCommand($"select distinct tenant_id, connection_id from {ConnectionTables.Schema}.token_lookup where kind = $1 and value = any($2)");
        command.With(kind, keys.Select(key => Keyed(key, kind, name).Value).ToArray());
        await using var reader = await command.ExecuteReaderAsync(ct);
        var found = new List<(string, Guid)>();
        while (await reader.ReadAsync(ct))
        {
            found.Add((reader.GetString(0), reader.GetGuid(1)));
        }

        return found;
    }

    private static byte[]? Named(string kind, string value) => kind switch
    {
        Prefix when value.Length == PrefixLength => Encoding.UTF8.GetBytes(value),
        DoubleHash when TokenVaultOptions.Bytes(Padded(value.Replace('-', '+').Replace('_', '/'))) is { Length: SHA512.HashSizeInBytes } hash => hash,
        _ => null,
    };

    private static string Padded(string base64) => base64.TrimEnd('=') is var bare ? bare + new string('=', (4 - bare.Length % 4) % 4) : base64;

    private static TokenLookup Keyed(byte[] key, string kind, byte[] name) => new(kind, Convert.ToBase64String(HMACSHA256.HashData(key, (byte[])[.. Encoding.ASCII.GetBytes(kind), 0, .. name])));

    private static byte[] DerivedFrom(string secret) => TokenVaultOptions.Bytes(secret) is { Length: >= Envelope.KeySize } bytes
        ? HKDF.DeriveKey(HashAlgorithmName.SHA256, bytes, 32, info: "connections/token-lookup"u8.ToArray())
        : throw new ArgumentException("TokenVault:LookupSecret must be at least 32 bytes in base64.");
}
