using Microsoft.Extensions.Options;

namespace Identity;

/// <summary>What a developer wants to know: where discovery is, which clients there are, and their secrets, which are none.</summary>
internal static class HomePage
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/", (IOptions<Settings> settings) => Show(settings.Value));

    private static IResult Show(Settings settings) => Pages.Page("Identity simulator", $"""
        <h1>Identity simulator</h1>
        <p>An OpenID Connect provider for development. Discovery: <a href="/.well-known/openid-configuration">/.well-known/openid-configuration</a>,
           keys: <a href="/.well-known/jwks">/.well-known/jwks</a>.</p>
        <h2>Clients</h2>
        <div class="scroll"><table>
          <thead><tr><th>Client</th><th>Secret</th><th>Organization</th><th>Scopes</th></tr></thead>
          <tbody>{string.Concat(settings.Clients.Select(client => $"""
            <tr><td><code>{Pages.Text(client.Id)}</code></td><td><code>{Pages.Text(client.Secret)}</code></td>
                <td>{Pages.Text(client.Organization ?? (client.SignsPeopleIn ? "that of the person" : "any, named per request"))}</td>
                <td>{string.Join(' ', client.Scopes.Select(scope => $"<span class=\"scope\">{Pages.Text(scope)}</span>"))}</td></tr>
            """))}</tbody>
        </table></div>
        <h2>People</h2>
        <div class="scroll"><table>
          <thead><tr><th>Person</th><th>Role</th><th>Organization</th></tr></thead>
          <tbody>{string.Concat(settings.People.Select(person => $"""
            <tr><td>{Pages.Text(person.Name)} <small>{Pages.Text(person.Id)}</small></td>
                <td><span class="role {Pages.Text(person.Role.ToLowerInvariant())}">{Pages.Text(person.Role)}</span></td>
                <td>{Pages.Text(settings.NameOf(person.Organization))} <small>{Pages.Text(person.Organization)}</small></td></tr>
            """))}</tbody>
        </table></div>
        """, wide: true);
}
