using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Connections.Tests;

/// <summary>
/// The part of the transit secrets engine that the vault speaks to, with derived AES-256-GCM keys in versions, on a loopback socket. Written after
/// https://developer.hashicorp.com/vault/api-docs/secret/transit.
/// </summary>
internal sealed class TransitServer : IAsyncDisposable
{
    public const string Token = "hvs.test-token";
    private readonly WebApplication app;
    private readonly List<byte[]> versions = [RandomNumberGenerator.GetBytes(32)];

    private TransitServer(WebApplication app) => this.app = app;

    public Uri Address => new(app.Urls.Single());

    /// <summary>Answers nothing but this while it is set.</summary>
    public HttpStatusCode? Trouble { get; set; }

    public bool IsDerived { get; set; } = true;

    /// <summary>How often each ciphertext was asked to be wrapped anew.</summary>
    public ConcurrentDictionary<string, int> Rewraps { get; } = new();

    public ConcurrentQueue<string> Operations { get; } = new();

    public static async Task<TransitServer> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new TransitServer(app);
        app.MapGet("/v1/transit/keys/creators", (HttpContext http) => server.Answer(http, "read", _ => new { name = "creators", derived = server.IsDerived, latest_version = server.versions.Count }));
        app.MapPost("/v1/transit/{operation}/creators", server.Crypto);
        await app.StartAsync();
        return server;
    }

    public void Rotate() => versions.Add(RandomNumberGenerator.GetBytes(32));

    public (string Key, string Value)[] Settings(string token = Token) =>
        [("TokenVault:Transit:Address", Address.ToString()), ("TokenVault:Transit:Key", "creators"), ("TokenVault:Transit:Token", token)];

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task<IResult> Crypto(HttpContext http, string operation)
    {
        var body = (await JsonDocument.ParseAsync(http.Request.Body)).RootElement;
        return Answer(http, operation, context => operation switch
        {
            "encrypt" => new { ciphertext = Encrypt(body.GetProperty("plaintext").GetBytesFromBase64(), context!), key_version = versions.Count },
            "decrypt" => new { plaintext = Convert.ToBase64String(Decrypt(body.GetProperty("ciphertext").GetString()!, context!)) },
            "rewrap" => Rewrap(body.GetProperty("ciphertext").GetString()!, context!),
            _ => throw new InvalidOperationException(operation),
        }, body.GetProperty("context").GetBytesFromBase64());
    }

    private IResult Answer(HttpContext http, string operation, Func<byte[]?, object> make, byte[]? context = null)
    {
        if (Trouble is { } status)
        {
            return Results.Json(new { errors = (string[])["Vault is sealed"] }, statusCode: (int)status);
        }

        if (http.Request.Headers["X-Vault-Token"] != Token)
        {
            return Results.Json(new { errors = (string[])["permission denied"] }, statusCode: 403);
        }

        Operations.Enqueue(operation);
        try
        {
            return Results.Json(new { request_id = Guid.NewGuid(), data = make(context) });
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentOutOfRangeException)
        {
            return Results.Json(new { errors = (string[])["cipher: message authentication failed"] }, statusCode: 400);
        }
    }

    private object Rewrap(string ciphertext, byte[] context)
    {
        Rewraps.AddOrUpdate(ciphertext, 1, (_, times) => times + 1);
        return new { ciphertext = Encrypt(Decrypt(ciphertext, context), context), key_version = versions.Count };
    }

    private string Encrypt(byte[] plain, byte[] context)
    {
        var output = new byte[12 + plain.Length + 16];
        RandomNumberGenerator.Fill(output.AsSpan(0, 12));
        using var aes = new AesGcm(Derived(versions.Count, context), 16);
        aes.Encrypt(output.AsSpan(0, 12), plain, output.AsSpan(12, plain.Length), output.AsSpan(12 + plain.Length));
        return $"vault:v{versions.Count}:{Convert.ToBase64String(output)}";
    }

    private byte[] Decrypt(string ciphertext, byte[] context)
    {
        var parts = ciphertext.Split(':');
        var input = Convert.FromBase64String(parts[2]);
        var plain = new byte[input.Length - 28];
        using var aes = new AesGcm(Derived(int.Parse(parts[1][1..], System.Globalization.CultureInfo.InvariantCulture), context), 16);
        aes.Decrypt(input.AsSpan(0, 12), input.AsSpan(12, plain.Length), input.AsSpan(12 + plain.Length), plain);
        return plain;
    }

    private byte[] Derived(int version, byte[] context) => HKDF.DeriveKey(HashAlgorithmName.SHA256, versions[version - 1], 32, info: context);
}
