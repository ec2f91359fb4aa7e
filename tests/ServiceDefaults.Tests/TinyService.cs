using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Trace;

namespace ServiceDefaults.Tests;

public enum Colour { Green, Red }

public sealed record Thing(string Name, int Count, Colour Colour);

/// <summary>The smallest service that stands on the defaults, on a real socket, with its telemetry caught.</summary>
public sealed class TinyService : IAsyncLifetime
{
    public const string Secret = "the-exception-says-too-much";

    private Authority? authority;
    private WebApplication? app;

    public Authority Authority => authority!;

    public HttpClient Client { get; private set; } = null!;

    public Caught<Activity> Spans { get; } = [];

    public Caught<string> Log { get; } = [];

    public async ValueTask InitializeAsync()
    {
        authority = await Authority.Start();
        app = Build(authority.Issuer, "Trace");
        await app.StartAsync();
        Client = new() { BaseAddress = new(app.Urls.Single()) };
    }

    public WebApplication Build(string authorityAddress, string logLevel = "Warning", Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Authentication:Authority"] = authorityAddress,
            ["Authentication:Audience"] = Authority.Audience,
            ["Logging:LogLevel:Default"] = logLevel,
            ["Logging:LogLevel:Microsoft.AspNetCore"] = logLevel,
        });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        configure?.Invoke(builder);
        builder.Services.AddOpenTelemetry()
            .WithTracing(tracing => tracing.AddProcessor(new SpanCatch(Spans)))
            .WithLogging(logging => logging.AddProcessor(new LogCatch(Log)));

        var service = builder.Build();
        service.MapServiceDefaults();
        service.MapPost("/things", (Thing thing) => thing).RequireScope("things.write");
        service.MapGet("/things", (int limit) => limit).RequireScope("things.read");
        service.MapGet("/things/{id:guid}", (Guid id) => TypedResults.Problem(
            detail: $"There is no thing {id}.", statusCode: 404, extensions: new Dictionary<string, object?> { ["code"] = "thing.unknown" }));
        service.MapGet("/nothing", () => TypedResults.NotFound());
        service.MapGet("/both", () => "both").RequireScope("things.read").RequireScope("things.write");
        service.MapGet("/fault", string () => throw new InvalidOperationException(Secret));
        service.MapGet("/hub/i/{invitation}", (string invitation, ILogger<TinyService> log) =>
        {
            log.LogInformation("An invitation of {Length} characters was opened.", invitation.Length);
            return TypedResults.Redirect("/hub?state=hub-state");
        }).AllowAnonymous();
        service.MapGet("/calls", async (HttpContext http, IHttpClientFactory clients) =>
        {
            using var client = clients.CreateClient();
            var response = await client.GetAsync($"http://{http.Request.Host}/hub/i/outgoing-invitation?access_token=outgoing-secret");
            return (int)response.StatusCode;
        }).AllowAnonymous();
        return service;
    }

    public async Task<Answer> Send(HttpMethod method, string path, string? token = null, HttpContent? body = null, string? accept = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        request.Headers.Authorization = token is null ? null : new("Bearer", token);
        if (accept is not null)
        {
            request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        }

        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return await Answer.Read(response);
    }

    public static StringContent Body(string json, string mediaType = "application/json") => new(json, null, mediaType);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app!.DisposeAsync();
        await Authority.DisposeAsync();
    }

    private sealed class SpanCatch(Caught<Activity> spans) : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data) => spans.Add(data);
    }

    private sealed class LogCatch(Caught<string> log) : BaseProcessor<LogRecord>
    {
        public override void OnEnd(LogRecord data)
        {
            var scopes = "";
            data.ForEachScope((scope, _) =>
            {
                foreach (var pair in scope)
                {
                    scopes += $" {pair.Key}={pair.Value}";
                }
            }, 0);
            var attributes = string.Join(' ', data.Attributes?.Select(pair => $"{pair.Key}={pair.Value}") ?? []);
            log.Add($"{data.CategoryName}: {data.FormattedMessage} {attributes}{scopes}");
        }
    }
}

/// <summary>A response, read to its end.</summary>
public sealed record Answer(int Status, string? MediaType, string Challenge, JsonElement Body)
{
    public string? Code => Body.GetProperty("code").GetString();

    public string? Detail => Body.GetProperty("detail").GetString();

    public static async Task<Answer> Read(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new(
            (int)response.StatusCode,
            response.Content.Headers.ContentType?.MediaType,
            response.Headers.WwwAuthenticate.ToString(),
            text.Length > 0 && response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true
                ? JsonElement.Parse(text)
                : default);
    }

    /// <summary>Every problem has the same members, whoever wrote it.</summary>
    public Answer ShouldBeProblem(int status, string code)
    {
        Status.ShouldBe(status);
        MediaType.ShouldBe("application/problem+json");
        Code.ShouldBe(code);
        Body.GetProperty("status").GetInt32().ShouldBe(status);
        Body.GetProperty("title").GetString().ShouldNotBeNullOrWhiteSpace();
        Detail!.ShouldEndWith(".");
        Body.GetProperty("traceId").GetString()!.ShouldMatch("^[0-9a-f]{32}$");
        return this;
    }
}
