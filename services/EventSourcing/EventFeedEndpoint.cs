using System.Diagnostics;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace EventSourcing;

/// <summary>The route of the feed: pages, a long poll, or a stream of server-sent events.</summary>
public static class EventFeedEndpoint
{
    /// <summary>With which codes it refuses what it cannot read (422).</summary>
    public static readonly IReadOnlyList<string> Codes = ["cursor.invalid", "type.unknown", "limit.invalid", "wait.invalid"];

    /// <summary>With which code it refuses who would wait beside too many others (429).</summary>
    public const string Crowded = "feed.too-many-waiting";

    /// <summary>With which code it refuses what only a newer version of the service can tell (503), while that takes this one's place.</summary>
    public const string Newer = "feed.newer-version";

    /// <summary>Examples for the description of the route, of a service that publishes this message.</summary>
    public static Dictionary<string, JsonNode> Examples(string service, Type message, JsonObject body) => new()
    {
        ["after"] = EventFeed.CursorOf(service, 1234),
        ["Last-Event-ID"] = EventFeed.CursorOf(service, 1234),
        ["types"] = message.Name,
        ["limit"] = UsualItems,
        ["wait"] = LongestWait,
        ["FeedPage.cursor"] = EventFeed.CursorOf(service, 1234),
        ["FeedItem.cursor"] = EventFeed.CursorOf(service, 1234),
        ["FeedItem.type"] = message.Name,
        ["FeedItem.routingKey"] = MessageHeaders.RoutingKeyOf("aurora", message),
        ["FeedItem.correlationId"] = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736",
        ["FeedItem.headers"] = new JsonObject { [MessageHeaders.Organization] = "aurora", [MessageHeaders.Subject] = "019a3c5e-7b1d-7c2a-9f40-2d6c1e8a5b73" },
        ["FeedItem.body"] = body,
    };

    private const int MostItems = 500;
    private const int UsualItems = 100;
    private const int LongestWait = 25;
    private const string Stream = "text/event-stream";

    private static readonly TimeSpan SilentFor = TimeSpan.FromSeconds(15);

    // A stream outlives the token it was opened with: it ends now and then, and goes on with Last-Event-ID and a token of that time.
    private static readonly TimeSpan StreamsFor = TimeSpan.FromMinutes(15);

    /// <summary>Maps <c>GET /v1/events</c>. The service adds the scope it asks for.</summary>
    public static RouteHandlerBuilder MapEventFeed(this IEndpointRouteBuilder routes) => routes.MapGet("/v1/events", Handle)
        .WithName("EventFeed").WithTags("Events").WithSummary("What happened, from the beginning")
        .WithDescription($"""
            The organization's events of this service, oldest first, each as it went out on the broker: same body, same id, same headers.
            Keep `cursor` and give it as `after` to go on; without it the feed begins with the first event there ever was.
            `types` names contracts, separated by commas. `limit` is from 1 to {MostItems}, {UsualItems} if not given.
            `wait` is how many seconds, up to {LongestWait}, the answer may be held back until there is an event.
            With `Accept: {Stream}` the events come as a stream: `id` is the cursor, `event` the type, `data` the item; `Last-Event-ID` goes on
            behind one; an event `position` every {SilentFor.TotalSeconds:0} seconds of silence keeps the connection open; after {StreamsFor.TotalMinutes:0} minutes the stream ends, connect again then.
            """)
        .Produces<FeedPage>(200, "application/json", Stream);

    private static async Task<IResult> Handle(
        HttpContext http,
        [FromHeader(Name = "Last-Event-ID")] string? lastEventId,
        string? after,
        string? types,
        int? limit,
        int? wait,
        OrganizationScope organization,
        EventFeed feed,
        FeedWatch watch,
        IHostApplicationLifetime lifetime,
        CancellationToken ct)
    {
        string[] wanted = [.. (types ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)];
        if (wanted.Except(feed.Types, StringComparer.Ordinal).ToArray() is { Length: > 0 } unknown)
        {
            return Invalid("types", "type.unknown", $"This service publishes no {string.Join(", no ", unknown.Select(Shortened))}. It publishes {string.Join(", ", feed.Types)}.");
        }

        if (limit is < 1 or > MostItems)
        {
            return Invalid("limit", "limit.invalid", $"limit must be from 1 to {MostItems}.");
        }

        if (wait is < 0 or > LongestWait)
        {
            return Invalid("wait", "wait.invalid", $"wait must be from 0 to {LongestWait} seconds.");
        }

        if (await feed.PlaceOf(lastEventId ?? after, ct) is not { } place)
        {
            return Invalid(lastEventId is null ? "after" : "Last-Event-ID", "cursor.invalid", "This is no cursor of this feed. Give the one of the page before, or none to begin with the first event.");
        }

        var question = new Question(organization.Organization, place, wanted, limit ?? UsualItems);
        var streams = http.Request.Headers.Accept.ToString().Contains(Stream, StringComparison.OrdinalIgnoreCase);
        if (!streams && wait is null or 0)
        {
            return Answer(http, await feed.Read(question.Organization, place, wanted, question.Limit, ct));
        }

        if (watch.Join(question.Organization) is not { } waiter)
        {
            http.Response.Headers.RetryAfter = "5";
            return Problems.Of(StatusCodes.Status429TooManyRequests, Crowded, $"{FeedWatch.MostPerOrganization} requests of your organization wait for events already. Ask without wait, or let fewer clients wait.");
        }

        return streams
            ? TypedResults.ServerSentEvents(Follow(feed, waiter, question, lifetime.ApplicationStopping, ct))
            : Answer(http, await Wait(feed, waiter, question, TimeSpan.FromSeconds(wait!.Value), lifetime.ApplicationStopping, ct));
    }

    private static IResult Answer(HttpContext http, FeedPage? page)
    {
        if (page is not null)
        {
            return TypedResults.Ok(page);
        }

        http.Response.Headers.RetryAfter = "5";
        return Problems.Of(
            StatusCodes.Status503ServiceUnavailable, Newer, "What follows was recorded by a newer version of this service, which is about to take this one's place. Ask again in a moment with the same cursor.");
    }

    private static async Task<FeedPage?> Wait(EventFeed feed, FeedWatch.Waiter waiter, Question question, TimeSpan time, CancellationToken stopping, CancellationToken ct)
    {
        using var joined = waiter;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, ct);
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var page = await feed.Read(question.Organization, question.After, question.Types, question.Limit, ct);
            var left = time - Stopwatch.GetElapsedTime(began);
            if (page is null or { Items.Count: > 0 } or { More: true } || left <= TimeSpan.Zero || !await IsWoken(waiter, left, either.Token))
            {
                return page;
            }
        }
    }

    private static async IAsyncEnumerable<SseItem<FeedItem?>> Follow(
        EventFeed feed, FeedWatch.Waiter waiter, Question question, CancellationToken stopping, [EnumeratorCancellation] CancellationToken ct)
    {
        using var joined = waiter;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, ct);
        var began = Stopwatch.GetTimestamp();
        var place = question.After;
        while (Stopwatch.GetElapsedTime(began) < StreamsFor && !either.IsCancellationRequested)
        {
            var page = await feed.Read(question.Organization, place, question.Types, question.Limit, ct);
            if (page is null)
            {
                // The stream ends, and goes on with Last-Event-ID at another replica.
                yield break;
            }

            foreach (var item in page.Items)
            {
                yield return new(item, item.Type) { EventId = item.Cursor };
            }

            place = feed.Decode(page.Cursor)!.Value;
            if (!page.More && !await IsWoken(waiter, SilentFor, either.Token))
            {
                yield return new(null, "position") { EventId = page.Cursor };
            }
        }
    }

    private static async Task<bool> IsWoken(FeedWatch.Waiter waiter, TimeSpan time, CancellationToken ct)
    {
        try
        {
            return await waiter.Next(time, ct);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static ProblemHttpResult Invalid(string field, string code, string detail) => Problems.Of(StatusCodes.Status422UnprocessableEntity, code, detail, field);

    private static string Shortened(string text) => text.Length > 64 ? $"{text[..64]}..." : text;

    private sealed record Question(string Organization, long After, IReadOnlyCollection<string> Types, int Limit);
}
