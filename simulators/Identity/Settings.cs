using System.ComponentModel.DataAnnotations;

namespace Identity;

/// <summary>The whole world of the simulator: who exists, and what they may do. Bound from the root of the configuration.</summary>
public sealed class Settings
{
    /// <summary>The <c>iss</c> of every token and the address under which callers find the provider.</summary>
    [Required]
    public Uri? Issuer { get; set; }

    /// <summary>The <c>aud</c> of access tokens.</summary>
    [Required]
    public string Audience { get; set; } = "";

    public TimeSpan AccessTokenLifetime { get; set; } = TimeSpan.FromHours(1);

    public ConsoleSettings Console { get; set; } = new();

    public StateSettings State { get; set; } = new();

    public List<Client> Clients { get; set; } = [];

    public List<Person> People { get; set; } = [];

    /// <summary>Organization id to the name people know it by.</summary>
    public Dictionary<string, string> Organizations { get; set; } = [];

    /// <summary>Role to the scopes somebody in it can be given. A client that asks for more gets these.</summary>
    public Dictionary<string, string[]> Roles { get; set; } = [];

    public IEnumerable<string> ApiScopes => Clients.SelectMany(client => client.Scopes).Distinct();

    public string NameOf(string organization) => Organizations.GetValueOrDefault(organization, organization);
}

public sealed class ConsoleSettings
{
    /// <summary>Where people reach the web console. Its sign-in callbacks lie under it.</summary>
    public Uri PublicUrl { get; set; } = new("http://localhost:5100");
}

public sealed class StateSettings
{
    /// <summary>Where keys, sessions and refresh tokens are kept, so that they outlive a restart. Without it they end with the process.</summary>
    public string? Directory { get; set; }
}

public sealed class Client
{
    public string Id { get; set; } = "";

    public string Secret { get; set; } = "";

    public string Name { get; set; } = "";

    /// <summary>The organization its own tokens are bound to; none for a service that names the organization per request.</summary>
    public string? Organization { get; set; }

    /// <summary>Sends people here to sign in (authorization code with PKCE) instead of acting for itself (client credentials).</summary>
    public bool SignsPeopleIn { get; set; }

    public string[] Scopes { get; set; } = [];
}

public sealed class Person
{
    public string Id { get; set; } = "";

    public string Name { get; set; } = "";

    public string Email { get; set; } = "";

    public string Role { get; set; } = "";

    public string Organization { get; set; } = "";
}
