using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace AppHost;

/// <summary>Puts a service's commands on Aspire's dashboard. Each click gets a token of its own and is one command, in the service's audit.</summary>
internal static class DashboardCommands
{
    public static IResourceBuilder<ProjectResource> WithOperatorCommands(this IResourceBuilder<ProjectResource> service, Topology topology, Resource resource)
    {
        foreach (var command in OperatorCommands.Of(resource))
        {
            service.WithHttpCommand(
                command.Path,
                command.DisplayName,
                endpointName: Topology.Http,
                commandName: command.Name,
                commandOptions: new()
                {
                    Method = HttpMethod.Post,
                    Description = command.Description,
                    ConfirmationMessage = command.Confirmation,
                    IconName = command.Icon,
                    PrepareRequest = context => Prepare(context, topology.Identity, command),
                });
        }

        return service;
    }

    private static async Task Prepare(HttpCommandRequestContext context, Resource identity, OperatorCommand command)
    {
        context.Request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await Token(context.HttpClient, identity, context.CancellationToken));
        context.Request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        context.Request.Content = command.BodyAt(TimeProvider.System.GetUtcNow()) is { } body ? new StringContent(body, Encoding.UTF8, "application/json") : null;
    }

    private static async Task<string> Token(HttpClient http, Resource identity, CancellationToken cancellation)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = OperatorCommands.ClientId,
            ["client_secret"] = OperatorCommands.ClientSecret,
            ["scope"] = OperatorCommands.Scope,
        });
        using var response = await http.PostAsync($"{identity.Address}/connect/token", form, cancellation);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>(cancellation)).GetProperty("access_token").GetString()!;
    }
}
