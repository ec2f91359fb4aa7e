using Platforms.Accounts;

namespace Platforms;

/// <summary>Our application as it is registered at a platform.</summary>
public sealed record Registration(string Id, string Secret);

/// <summary>What the platforms know of our application: its credentials, its redirect URIs and where its webhooks go.</summary>
public sealed class Registrations(IConfiguration configuration, SwitchBoard switches)
{
    private readonly string configuredHub = configuration["Hub:PublicUrl"] ?? "http://localhost:5101";

    public Registration Instagram { get; } = Read(configuration, "Instagram", "ClientId", "1234567890", "ig-app-secret");

    public Registration YouTube { get; } = Read(configuration, "YouTube", "ClientId", "demo.apps.googleusercontent.com", "google-secret");

    public Registration TikTok { get; } = Read(configuration, "TikTok", "ClientKey", "tt-client-key", "tt-client-secret");

    /// <summary>Without a trailing slash.</summary>
    public string Hub => (switches.Current.HubPublicUrl ?? configuredHub).TrimEnd('/');

    /// <summary>Redirect URIs are compared as strings: scheme, host, port, path and trailing slash must all match.</summary>
    public bool Owns(string platform, string? redirectUri) => redirectUri == $"{Hub}/hub/callback/{platform}";

    private static Registration Read(IConfiguration configuration, string platform, string idKey, string id, string secret) =>
        new(configuration[$"Platforms:{platform}:{idKey}"] ?? id, configuration[$"Platforms:{platform}:ClientSecret"] ?? secret);
}
