using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Platforms.Tests.Kit;

/// <summary>A webhook as it came in.</summary>
public sealed record Received(string Path, string ContentType, string Body, IReadOnlyDictionary<string, string> Headers);

/// <summary>Stands where our Connections service stands: takes webhooks on a free port and answers as it is told.</summary>
public sealed class Hub : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Channel<Received> received = Channel.CreateUnbounded<Received>();
    private readonly ConcurrentQueue<int> answers = new();
    private readonly WebApplication app;

    private Hub(WebApplication app) => this.app = app;

    public string Address => app.Urls.Single();

    public static async Task<Hub> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var hub = new Hub(builder.Build());
        hub.app.MapPost("/{**path}", hub.Take);
        // Meta's verification: the challenge comes back if the token is the one that was agreed on.
        hub.app.MapGet("/webhooks/instagram", (HttpRequest request) => request.Query["hub.mode"] == "subscribe" && request.Query["hub.verify_token"] == "agreed"
            ? Results.Text(request.Query["hub.challenge"])
            : Results.StatusCode(StatusCodes.Status403Forbidden));
        await hub.app.StartAsync();
        return hub;
    }

    /// <summary>The statuses of the next answers, in order; after them 200.</summary>
    public void AnswerWith(params IEnumerable<int> statuses)
    {
        foreach (var status in statuses)
        {
            answers.Enqueue(status);
        }
    }

    public Task<Received> Next() => received.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private async Task<IResult> Take(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var headers = request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        await received.Writer.WriteAsync(new(request.Path, request.ContentType ?? "", await reader.ReadToEndAsync(), headers));
        return Results.StatusCode(answers.TryDequeue(out var status) ? status : StatusCodes.Status200OK);
    }
}
