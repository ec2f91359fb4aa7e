using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Identity;

/// <summary>OpenIddict, set up as a provider that a developer can use without certificates, passwords or a database server.</summary>
internal static class Provider
{
    public static void AddProvider(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<Settings>().Bind(builder.Configuration).ValidateDataAnnotations().ValidateOnStart();
        var settings = builder.Configuration.Get<Settings>() ?? new();
        var state = StateDirectory(builder, settings);

        builder.Services.AddDataProtection().SetApplicationName("identity-simulator").PersistKeysToFileSystem(state.CreateSubdirectory("cookies"));
        builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(cookie =>
        {
            // Cookies know no ports: on localhost every service sees every other's, so the name must be ours alone.
            cookie.Cookie.Name = "identity-simulator";
            cookie.ExpireTimeSpan = TimeSpan.FromHours(12);
        });
        builder.Services.AddAuthorization();

        builder.Services.AddDbContext<Store>(store => store.UseSqlite($"Data Source={Path.Combine(state.FullName, "identity.db")}").UseOpenIddict());
        builder.Services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<Store>())
            .AddServer(server =>
            {
                server.SetIssuer(settings.Issuer!)
                    .SetAuthorizationEndpointUris("connect/authorize")
                    .SetTokenEndpointUris("connect/token")
                    .SetUserInfoEndpointUris("connect/userinfo")
                    .SetEndSessionEndpointUris("connect/endsession")
                    .AllowClientCredentialsFlow()
                    .AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange()
                    .AllowRefreshTokenFlow()
                    .SetAccessTokenLifetime(settings.AccessTokenLifetime)
                    .RegisterScopes([Scopes.OpenId, Scopes.Profile, Scopes.Email, Scopes.OfflineAccess, .. settings.ApiScopes])
                    .RegisterClaims(Claims.Name, Claims.Email, Claims.Role, Tokens.Organization)
                    .AddSigningKey(Key(state, "signing.pem"))
                    .AddEncryptionKey(Key(state, "encryption.pem"))
                    // APIs check access tokens themselves, with nothing but the published keys.
                    .DisableAccessTokenEncryption();
                // The plain method protects nothing: whoever sees the request knows the verifier.
                server.Configure(options => options.CodeChallengeMethods.Remove(CodeChallengeMethods.Plain));
                server.UseAspNetCore()
                    .EnableAuthorizationEndpointPassthrough()
                    .EnableTokenEndpointPassthrough()
                    .EnableUserInfoEndpointPassthrough()
                    .EnableEndSessionEndpointPassthrough()
                    .EnableStatusCodePagesIntegration()
                    // Loopback and plain http are what it is for.
                    .DisableTransportSecurityRequirement();
            })
            .AddValidation(validation =>
            {
                validation.UseLocalServer();
                validation.UseAspNetCore();
            });
    }

    private static DirectoryInfo StateDirectory(WebApplicationBuilder builder, Settings settings)
    {
        if (settings.State.Directory is { Length: > 0 } kept)
        {
            return Directory.CreateDirectory(kept);
        }

        var temporary = Directory.CreateTempSubdirectory("identity-simulator-");
        builder.Services.AddHostedService(services => new Cleared(temporary, services.GetRequiredService<IHostApplicationLifetime>()));
        return temporary;
    }

    private static RsaSecurityKey Key(DirectoryInfo state, string name)
    {
        var rsa = RSA.Create(2048);
        var file = Path.Combine(state.FullName, name);
        if (File.Exists(file))
        {
            rsa.ImportFromPem(File.ReadAllText(file));
            return new(rsa);
        }

        // Written beside and renamed: a process killed half-way must not leave a broken key for the next one.
        File.WriteAllText(file + ".new", rsa.ExportPkcs8PrivateKeyPem());
        File.Move(file + ".new", file);
        return new(rsa);
    }

    /// <summary>Authorizations, codes and refresh tokens.</summary>
    internal sealed class Store(DbContextOptions<Store> options) : DbContext(options);

    private sealed class Cleared(DirectoryInfo directory, IHostApplicationLifetime lifetime) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            lifetime.ApplicationStopped.Register(() =>
            {
                Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
                directory.Delete(recursive: true);
            });
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
