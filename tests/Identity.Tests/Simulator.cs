using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Identity.Tests;

/// <summary>The simulator on a real socket, asked the way any API or client would.</summary>
public sealed class Simulator : IAsyncLifetime
{
    public const string Console = "http://localhost:5322";

    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("identity-tests-");
    private WebApplication? app;

    public string Issuer { get; } = $"http://localhost:{FreePort()}";

    public HttpClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        app = await IdentityProvider.Build(
            $"--urls={Issuer}", $"--Issuer={Issuer}", $"--Console:PublicUrl={Console}",
            $"--State:Directory={state.FullName}", "--Logging:LogLevel:Default=Warning");
        await app.StartAsync();
        Client = Browser();
    }

    /// <summary>As after a restart of the machine: the same settings and state directory, another process.</summary>
    public async Task Restart()
    {
        await app!.DisposeAsync();
        await InitializeAsync();
    }

    /// <summary>Keeps cookies and follows no redirect, so that each step can be looked at.</summary>
    public HttpClient Browser() => new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new() }) { BaseAddress = new(Issuer) };

    public async Task<(HttpStatusCode Status, JsonElement Body)> AskForToken(params (string Name, string Value)[] form)
    {
        using var content = new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        using var response = await Client.PostAsync("/connect/token", content, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    public Task<(HttpStatusCode Status, JsonElement Body)> AskAsClient(string id, string secret, string? scope = null)
    {
        List<(string, string)> form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
        if (scope is not null)
        {
            form.Add(("scope", scope));
        }

        return AskForToken([.. form]);
    }

    /// <summary>Checks a token as an API does: with the published keys and nothing else. Answers its claims.</summary>
    public async Task<JsonWebToken> Validate(string token, string audience = "creator-connections", string type = "at+jwt")
    {
        var discovery = await OpenIdConnectConfigurationRetriever.GetAsync(
            $"{Issuer}/.well-known/openid-configuration", new HttpDocumentRetriever { RequireHttps = false }, TestContext.Current.CancellationToken);
        var result = await new JsonWebTokenHandler { MapInboundClaims = false }.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = discovery.Issuer,
            ValidAudience = audience,
            ValidTypes = [type],
            IssuerSigningKeys = discovery.SigningKeys,
        });
        result.Exception.ShouldBeNull();
        return (JsonWebToken)result.SecurityToken;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app!.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        state.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
