using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Identity;

/// <summary>The clients of the settings, brought into the store at each start, so that a changed setting counts after a restart.</summary>
internal static class Clients
{
    public static async Task Register(IServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<Provider.Store>().Database.EnsureCreatedAsync();
        var settings = scope.ServiceProvider.GetRequiredService<IOptions<Settings>>().Value;
        var applications = scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>();
        foreach (var client in settings.Clients)
        {
            var described = Describe(client, settings);
            if (await applications.FindByClientIdAsync(client.Id) is { } known)
            {
                await applications.UpdateAsync(known, described);
            }
            else
            {
                await applications.CreateAsync(described);
            }
        }
    }

    private static OpenIddictApplicationDescriptor Describe(Client client, Settings settings)
    {
        var described = new OpenIddictApplicationDescriptor
        {
            ClientId = client.Id,
            ClientSecret = client.Secret,
            DisplayName = client.Name,
            ClientType = ClientTypes.Confidential,
            ConsentType = ConsentTypes.Implicit,
            Permissions = { Permissions.Endpoints.Token },
        };
        described.Permissions.UnionWith(client.Scopes.Select(scope => Permissions.Prefixes.Scope + scope));
        if (!client.SignsPeopleIn)
        {
            described.Permissions.Add(Permissions.GrantTypes.ClientCredentials);
            return described;
        }

        described.RedirectUris.Add(new(settings.Console.PublicUrl, "signin-oidc"));
        described.PostLogoutRedirectUris.Add(new(settings.Console.PublicUrl, "signout-callback-oidc"));
        described.Permissions.UnionWith([
            Permissions.Endpoints.Authorization, Permissions.Endpoints.EndSession,
            Permissions.GrantTypes.AuthorizationCode, Permissions.GrantTypes.RefreshToken, Permissions.ResponseTypes.Code,
            Permissions.Scopes.Profile, Permissions.Scopes.Email]);
        return described;
    }
}
