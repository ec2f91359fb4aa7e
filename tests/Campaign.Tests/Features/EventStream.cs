using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using Shouldly;

namespace Campaigns.Tests.Features;

/// <summary>One event of a stream, or a comment, which has no name.</summary>
internal sealed record StreamEvent(string? Name, long? Id, JsonElement Data)
{
    public Guid Creator => Data.GetProperty("creatorId").GetGuid();

    /// <summary>The status of the first column.</summary>
    public string? Status => Data.GetProperty("connections")[0].GetProperty("status").GetString();
}

/// <summary>A client of server-sent events.</summary>
internal sealed class EventStream : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly CancellationTokenSource stopping = new();
    private readonly Channel<StreamEvent> events = Channel.CreateUnbounded<StreamEvent>();
    private readonly HttpResponseMessage response;
    private readonly Task reading;

    private EventStream(HttpResponseMessage response)
    {
        this.response = response;
        reading = Task.Run(Read);
    }

    public static async Task<EventStream> Open(HttpClient client, string address, long? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (lastEventId is { } id)
        {
            request.Headers.Add("Last-Event-ID", $"{id}");
        }

        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        return new(response);
    }

    /// <summary>The next event or comment.</summary>
    public async Task<StreamEvent> Next()
    {
        using var late = new CancellationTokenSource(Patience);
        return await events.Reader.ReadAsync(late.Token);
    }

    /// <summary>The next event of this name that is so; others on the way are passed over.</summary>
    public async Task<StreamEvent> Next(string name, Func<StreamEvent, bool>? isSo = null)
    {
        while (true)
        {
            if (await Next() is var one && one.Name == name && isSo?.Invoke(one) != false)
            {
                return one;
            }
        }
    }

    /// <summary>Waits until the stream ends by itself.</summary>
    public Task Ended() => reading.WaitAsync(Patience);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        response.Dispose();
        stopping.Dispose();
    }

    private async Task Read()
    {
        try
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(stopping.Token));
            var (name, id) = (default(string), default(long?));
            while (await reader.ReadLineAsync(stopping.Token) is { } line)
            {
                switch (line.Split(": ", 2))
                {
                    case ["event", var value]:
                        name = value;
                        break;
                    case ["id", var value]:
                        id = long.Parse(value, System.Globalization.CultureInfo.InvariantCulture);
                        break;
                    case ["data", var value]:
                        events.Writer.TryWrite(new(name, id, JsonElement.Parse(value)));
                        (name, id) = (null, null);
                        break;
                    case ["", _]:
                        events.Writer.TryWrite(new(null, null, default));
                        break;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or HttpRequestException or ObjectDisposedException)
        {
            // The end of the stream, whoever made it.
        }
        finally
        {
            events.Writer.TryComplete();
        }
    }
}
