using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServiceDefaults;

namespace Identity.Tests;

/// <summary>The simulator and a service of ours, with nothing between them but the two settings every service has.</summary>
public sealed class ServiceDefaultsTests(Simulator simulator) : IClassFixture<Simulator>
{
    [Fact]
    public async Task A_service_lets_in_another_with_its_own_token_and_knows_the_organization()
    {
        await using var service = await Service("demo");
        (await Call(service, "/read")).ShouldBe((HttpStatusCode.OK, "aurora demo"));
    }

    [Fact]
    public async Task A_service_refuses_what_the_token_was_not_issued_for()
    {
        await using var service = await Service("aurora-readonly");
        (await Call(service, "/read")).Status.ShouldBe(HttpStatusCode.OK);
        var (status, body) = await Call(service, "/write");
        status.ShouldBe(HttpStatusCode.Forbidden);
        body.ShouldContain("scope.missing");
    }

    private async Task<WebApplication> Service(string client)
    {
        var builder = WebApplication.CreateBuilder(
        [
            "--urls=http://127.0.0.1:0", $"--Authentication:Authority={simulator.Issuer}", "--Authentication:Audience=creator-connections",
            $"--Authentication:ClientId={client}", $"--Authentication:ClientSecret={client}-secret",
        ]);
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        builder.AddServiceTokens();
        builder.Services.AddHttpClient("neighbour").AddServiceToken();
        var service = builder.Build();
        service.MapServiceDefaults();
        service.MapGet("/read", (ClaimsPrincipal who) => $"{who.FindFirstValue("organization")} {who.FindFirstValue("client_id")}").RequireScope("campaigns.read");
        service.MapGet("/write", () => "written").RequireScope("campaigns.write");
        await service.StartAsync(TestContext.Current.CancellationToken);
        return service;
    }

    private static async Task<(HttpStatusCode Status, string Body)> Call(WebApplication service, string path)
    {
        using var client = service.Services.GetRequiredService<IHttpClientFactory>().CreateClient("neighbour");
        using var response = await client.GetAsync(service.Urls.Single() + path, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
