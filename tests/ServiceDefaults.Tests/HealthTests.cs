using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ServiceDefaults.Tests;

/// <summary>What anybody may read of a service that is not well.</summary>
public sealed class HealthTests(TinyService service) : IClassFixture<TinyService>
{
    [Fact]
    public async Task A_check_of_ours_says_what_helps_and_what_libraries_and_exceptions_say_stays_in_the_log()
    {
        await using var app = service.Build(service.Authority.Issuer, configure: builder => builder.Services.AddHealthChecks()
            .AddCheck("ours", () => HealthCheckResult.Degraded("Start the lamp again."), [Health.Ready, Health.Spoken])
            .AddCheck("a-library", () => HealthCheckResult.Degraded("rabbitmq://secret-host"), [Health.Ready])
            .AddCheck("thrower", () => throw new InvalidOperationException(TinyService.Secret), [Health.Ready, Health.Spoken])
            .AddCheck("well", () => HealthCheckResult.Healthy("All lamps are lit."), [Health.Ready, Health.Spoken]));
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new(app.Urls.Single()) };

        using var answer = await client.GetAsync("/health", TestContext.Current.CancellationToken);

        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        body.GetProperty("checks").EnumerateObject().Select(check => (check.Name, check.Value.GetString())).ShouldBe(
            [("self", "Healthy"), ("lifetime", "Healthy"), ("ours", "Degraded"), ("a-library", "Degraded"), ("thrower", "Unhealthy"), ("well", "Healthy")]);
        body.GetProperty("help").EnumerateObject().Select(check => (check.Name, check.Value.GetString())).ShouldBe(
        [
            ("ours", "Start the lamp again."), ("a-library", "Look at this service's log: it names the cause."), ("thrower", "Look at this service's log: it names the cause."),
        ]);
        (await client.GetAsync("/alive", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
