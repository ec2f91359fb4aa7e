using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Webhooks.Tests.Features;

/// <summary>A request as a receiver sees it.</summary>
public sealed record Request(string Id, long Timestamp, string Signature, string? Trace, string? ContentType, byte[] Body)
{
    public JsonElement Json { get; } = JsonDocument.Parse(Body).RootElement.Clone();

    public string Type => Json.GetProperty("type").GetString()!;

    public string Subject => Json.GetProperty("headers").GetProperty("subject").GetString()!;

    public long Sequence => Json.GetProperty("body").GetProperty("sequence").GetInt64();

    /// <summary>The specification's own recipe, written down here a second time.</summary>
    public bool IsSignedWith(string secret)
    {
        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        byte[] content = [.. Encoding.UTF8.GetBytes($"{Id}.{Timestamp.ToString(CultureInfo.InvariantCulture)}."), .. Body];
        var signed = HMACSHA256.HashData(key, content);
        return Signature.Split(' ').Contains($"v1,{Convert.ToBase64String(signed)}");
    }
}

/// <summary>Somebody's server on a real socket, which does with a request what a test wants.</summary>
public sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<Request> requests = [];

    private Receiver(WebApplication app) => this.app = app;

    /// <summary>The path holds something that only the receiver's owner should know.</summary>
    public string Url => $"{app.Urls.Single()}/hooks/private-path";

    /// <summary>All requests, in the order they came, whatever was answered.</summary>
    public IReadOnlyList<Request> Requests => [.. requests];

    /// <summary>The status to answer with, decided when a request is there.</summary>
    public Func<Request, HttpContext, Task<int>> Answer { get; set; } = (_, _) => Task.FromResult(200);

    public static async Task<Receiver> Start()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new Receiver(app);
        app.Map("/{**path}", receiver.Handle);
        await app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task Handle(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        var headers = http.Request.Headers;
        var request = new Request(
            headers["webhook-id"].ToString(), long.Parse(headers["webhook-timestamp"].ToString(), CultureInfo.InvariantCulture), headers["webhook-signature"].ToString(),
            headers.TraceParent.ToString(), http.Request.ContentType, body.ToArray());
        requests.Enqueue(request);
        try
        {
            http.Response.StatusCode = await Answer(request, http);
            if (http.Response.StatusCode is not StatusCodes.Status204NoContent)
            {
                await http.Response.WriteAsync("what a receiver says is not kept");
            }
        }
        catch (OperationCanceledException)
        {
            // The caller gave up.
        }
    }
}
