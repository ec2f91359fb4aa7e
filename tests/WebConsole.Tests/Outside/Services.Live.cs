using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace WebConsole.Tests.Outside;

public sealed partial class Services
{
    private readonly ConcurrentDictionary<Guid, ChannelWriter<string>> watchers = new();
    private readonly ConcurrentDictionary<Guid, SavedViewOf> views = new();
    private readonly ConcurrentDictionary<string, (Dictionary<string, bool?> Set, int Revision)> switches = new();
    private readonly Channel<Guid> came = Channel.CreateUnbounded<Guid>();
    private long lastEvent = 100;

    /// <summary>The ids watchers came back with; empty for those who came the first time.</summary>
    public ConcurrentQueue<string> CameBackWith { get; } = new();

    /// <summary>Until the next watcher is there.</summary>
    public Task Watched(CancellationToken ct) => came.Reader.ReadAsync(ct).AsTask();

    /// <summary>A creator leaves a campaign, the last one where nobody is named, and whoever watches it is told.</summary>
    public void Leave(Guid campaign, string? name = null)
    {
        var left = Find(campaign)!.Creators.Last(creator => name is null || creator.Name == name);
        Change(campaign, creators => [.. creators.Where(creator => creator != left)]);
        Tell("removed", new { creatorId = left.Id });
        TellFigures(campaign);
    }

    /// <summary>A creator is put on a campaign, behind another one, and whoever watches it is told.</summary>
    public void Join(Guid campaign, string name, string behind)
    {
        var joined = Creator(9_999) with { Name = name };
        Change(campaign, creators =>
        {
            var at = Array.FindIndex(creators, creator => creator.Name == behind) + 1;
            return [.. creators[..at], joined, .. creators[at..]];
        });
        Tell("creator", Row(Find(campaign)!, joined));
        TellFigures(campaign);
    }

    private void Change(Guid campaign, Func<CreatorOf[], CreatorOf[]> change)
    {
        var at = campaigns.FindIndex(one => one.Id == campaign);
        campaigns[at] = campaigns[at] with { Creators = change(campaigns[at].Creators) };
    }

    private void TellFigures(Guid campaign)
    {
        var now = Find(campaign)!;
        Tell("figures", new { creators = now.Creators.Length, incomplete = 0, types = CountsOf(now), funnel = new { asked = 40, reached = 36, clicked = 18, connected = 7, bounced = 3, failed = 1 }, coverage = Coverage(now) });
    }

    /// <summary>Every stream ends, as when the service is replaced.</summary>
    public void HangUp()
    {
        foreach (var (id, watcher) in watchers)
        {
            watchers.TryRemove(id, out _);
            watcher.TryComplete();
        }
    }

    private void Tell(string kind, object data)
    {
        var text = $"event: {kind}\nid: {Interlocked.Increment(ref lastEvent)}\ndata: {JsonSerializer.Serialize(data)}\n\n";
        foreach (var watcher in watchers.Values)
        {
            watcher.TryWrite(text);
        }
    }

    private void MapLive(WebApplication app)
    {
        app.MapGet("/v1/campaigns/{id:guid}/events", (Guid id, HttpContext http) => Follow(id, http));
        app.MapGet("/v1/organization/events", (HttpContext http) => Follow(null, http));

        async Task Follow(Guid? id, HttpContext http)
        {
            if (id is { } campaign && Find(campaign) is null)
            {
                await UnknownCampaign().ExecuteAsync(http);
                return;
            }

            CameBackWith.Enqueue(http.Request.Headers["Last-Event-ID"].ToString());
            var (me, news) = (Guid.NewGuid(), Channel.CreateUnbounded<string>());
            news.Writer.TryWrite($"event: ready\nid: {Interlocked.Read(ref lastEvent)}\ndata: {{}}\n\n");
            watchers[me] = news.Writer;
            came.Writer.TryWrite(me);
            http.Response.ContentType = "text/event-stream";
            try
            {
                await foreach (var text in news.Reader.ReadAllAsync(http.RequestAborted))
                {
                    await http.Response.WriteAsync(text, http.RequestAborted);
                    await http.Response.Body.FlushAsync(http.RequestAborted);
                }
            }
            catch (OperationCanceledException)
            {
                // The page was closed.
            }

            watchers.TryRemove(me, out _);
        }

        app.MapGet("/v1/campaigns/views", () => new { items = views.Values.OrderBy(view => view.Name) });
        app.MapPost("/v1/campaigns/views", (SavedViewOf view) =>
        {
            if (views.Values.Any(other => other.Name == view.Name))
            {
                return Problem(409, "view.exists", "You have a view of this name. Choose another one.");
            }

            var saved = view with { Id = Guid.NewGuid() };
            views[saved.Id] = saved;
            return Results.Json(saved, statusCode: 201);
        });
        app.MapDelete("/v1/views/{id:guid}", (Guid id) => views.TryRemove(id, out _) ? Results.NoContent() : Problem(404, "view.unknown", "You have no view with this id."));
        foreach (var path in (string[])["/v1/organization/connections", "/v1/campaigns/{id:guid}/connections"])
        {
            app.MapGet(path, (HttpContext http) => Switches(http, null));
            app.MapPut(path, async Task<IResult> (HttpContext http) => Switches(http, (await http.Request.ReadFromJsonAsync<SwitchesAsked>())!));
            app.MapDelete(path, (HttpContext http) => Switches(http, new(Reset: true)));
        }
    }

    private IResult Switches(HttpContext http, SwitchesAsked? asked)
    {
        var place = http.Request.Path.Value!;
        var (set, revision) = switches.GetValueOrDefault(place, ([], 0));
        if (asked is not null)
        {
            if (http.Request.Headers.IfMatch != $"\"{revision}\"")
            {
                return Problem(412, "version.stale", "Somebody changed it meanwhile.");
            }

            (set, revision) = (asked.Reset ? [] : new(set), revision + 1);
            foreach (var (type, on) in asked.Types ?? new() { ["component"] = asked.Component })
            {
                set[type] = on;
            }

            switches[place] = (set, revision);
        }

        http.Response.Headers.ETag = $"\"{revision}\"";
        return Results.Json(new { component = Of("component"), types = AllTypes.Select(Of) });

        object Of(string type)
        {
            var own = set.GetValueOrDefault(type);
            var source = own is null ? "default" : place.Contains("campaigns", StringComparison.Ordinal) ? "campaign" : "organization";
            return new { type = type is "component" ? null : type, on = own ?? true, source, explanation = $"{(own ?? true ? "On" : "Off")}: {(own is null ? "by default" : $"set in the {source}")}.", set = own };
        }
    }

    private sealed record SavedViewOf(Guid Id, string Name, string Query, bool MissingFilterOn);

    private sealed record SwitchesAsked(bool? Component = null, Dictionary<string, bool?>? Types = null, bool Reset = false);
}
