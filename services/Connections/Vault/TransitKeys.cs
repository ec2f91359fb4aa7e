using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Connections.Vault;

/// <summary>
/// A key of the transit secrets engine of HashiCorp Vault or OpenBao: the key-encryption key never comes here. The key must be a derived one: whose
/// key is wrapped is its context, without which it would not be bound in.
/// </summary>
/// <remarks>https://developer.hashicorp.com/vault/api-docs/secret/transit: encrypt, decrypt, rewrap, and reading the key for its latest version.</remarks>
public sealed partial class TransitKeys(TransitOptions options, Func<HttpClient> client) : IKeyEncryption
{
    /// <summary>Names of keys here are <c>transit:{key}:v{version}</c>.</summary>
    public const string Prefix = "transit:";

    private bool seenDerived;

    public async ValueTask<string> ActiveKeyId(CancellationToken ct)
    {
        var key = await Send(HttpMethod.Get, "keys", null, ct);
        if (!key.TryGetProperty("derived", out var derived) || derived.ValueKind != JsonValueKind.True)
        {
            throw new TokenVaultException(VaultFault.Refused, $"The transit key {options.Key} is not a derived key. Create one with derived=true; an existing key cannot become one.");
        }

        seenDerived = true;
        return key.TryGetProperty("latest_version", out var version) && version.TryGetInt32(out var latest) ? NameOf(latest) : throw Malformed("keys");
    }

    public bool Holds(string keyId) => keyId.StartsWith($"{Prefix}{options.Key}:v", StringComparison.Ordinal);

    public async Task<WrappedKey> Wrap(byte[] key, byte[] associated, CancellationToken ct)
    {
        if (!seenDerived)
        {
            await ActiveKeyId(ct);
        }

        return Read(await Send(HttpMethod.Post, "encrypt", new() { ["plaintext"] = Convert.ToBase64String(key), ["context"] = Convert.ToBase64String(associated) }, ct), "encrypt");
    }

    public async Task<byte[]> Unwrap(WrappedKey wrapped, byte[] associated, CancellationToken ct)
    {
        var answer = await Send(HttpMethod.Post, "decrypt", new() { ["ciphertext"] = Encoding.ASCII.GetString(wrapped.Bytes), ["context"] = Convert.ToBase64String(associated) }, ct);
        return answer.TryGetProperty("plaintext", out var plain) && plain.TryGetBytesFromBase64(out var key) ? key : throw Malformed("decrypt");
    }

    public async Task<WrappedKey> Rewrap(WrappedKey wrapped, byte[] associated, CancellationToken ct) =>
        Read(await Send(HttpMethod.Post, "rewrap", new() { ["ciphertext"] = Encoding.ASCII.GetString(wrapped.Bytes), ["context"] = Convert.ToBase64String(associated) }, ct), "rewrap");

    private WrappedKey Read(JsonElement answer, string operation) =>
        answer.TryGetProperty("ciphertext", out var text) && text.GetString() is { } ciphertext && Version().Match(ciphertext) is { Success: true } match
            ? new(NameOf(int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)), Encoding.ASCII.GetBytes(ciphertext))
            : throw Malformed(operation);

    private async Task<JsonElement> Send(HttpMethod method, string operation, Dictionary<string, string>? body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, new Uri($"{options.Address.Root()}/v1/{options.Mount.Trim('/')}/{operation}/{Uri.EscapeDataString(options.Key)}"));
        request.Headers.Add("X-Vault-Request", "true");
        request.Headers.Add("X-Vault-Token", await Token(ct));
        request.Content = body is null ? null : JsonContent.Create(body);
        try
        {
            using var response = await client().SendAsync(request, ct);
            if (response.IsSuccessStatusCode)
            {
                using var json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(ct));
                return json.RootElement.TryGetProperty("data", out var data) ? data.Clone() : throw Malformed(operation);
            }

            // Of its answer only the status: what else it says could quote what we sent.
            throw response.StatusCode switch
            {
                HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => Unreachable($"answered {(int)response.StatusCode}", null),
                HttpStatusCode.BadRequest when operation is "decrypt" or "rewrap" => new CryptographicException("The key-management service does not unwrap this: other associated data, or tampered with."),
                _ => new TokenVaultException(VaultFault.Refused, $"The key-management service answered {(int)response.StatusCode} to {operation} with the key {options.Key}. Look at TokenVault:Transit and at the policy of its token."),
            };
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException || (exception is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw Unreachable("does not answer", exception);
        }
        catch (JsonException)
        {
            throw Malformed(operation);
        }
    }

    private async Task<string> Token(CancellationToken ct)
    {
        if (options.TokenFile is null)
        {
            return options.Token!;
        }

        try
        {
            // Read each time: an agent renews it there.
            return (await File.ReadAllTextAsync(options.TokenFile, ct)).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TokenVaultException(VaultFault.Refused, "The file that TokenVault:Transit:TokenFile names cannot be read.", exception);
        }
    }

    private string NameOf(int version) => $"{Prefix}{options.Key}:v{version}";

    private static TokenVaultException Unreachable(string what, Exception? inner) => new(VaultFault.Unreachable, $"The key-management service {what}.", inner);

    private static TokenVaultException Malformed(string operation) => new(VaultFault.Refused, $"The key-management service's answer to {operation} is not that of a transit engine.");

    [GeneratedRegex("^vault:v([0-9]{1,9}):")]
    private static partial Regex Version();
}
