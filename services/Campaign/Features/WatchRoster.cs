using System.Globalization;
using EventSourcing;
using Microsoft.AspNetCore.Http.Features;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>Somebody watches a campaign, or all creators: server-sent events with each row that changes, as it changes. Whoever comes back with the last id has missed nothing.</summary>
public static class WatchRoster
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private const string Description =
        """
        text/event-stream. Without Last-Event-ID first `ready` with the change the roster stands at: what is loaded after it is at least as new. With it everything that changed since, each
        creator once as they are now. Then `creator` with a row as in the list, `removed` for whoever left, `figures` with the counts, `settings` with the columns when switches changed, `reload`
        when so much changed that the page had better be loaded anew. When the stream ends, come back with the last id. Pulls of insights alone change no row. 422 last-event-id.invalid.
        """;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/campaigns/{id:guid}/events", OfCampaign).WithName(nameof(WatchRoster)).WithTags("Campaigns").WithSummary("Watch a campaign").WithDescription(Description)
            .Produces(200, contentType: "text/event-stream").RequireScope("campaigns.read")
            .Refuses(404, "campaign.unknown")
            .Refuses(422, "last-event-id.invalid");
        routes.MapGet("/v1/organization/events", OfOrganization).WithName("WatchOrganization").WithTags("Organization").WithSummary("Watch all creators").WithDescription(Description)
            .Produces(200, contentType: "text/event-stream").RequireScope("campaigns.read")
            .Refuses(422, "last-event-id.invalid");
    }

    private static async Task<IResult> OfCampaign(
        Guid id, HttpContext http, StreamSession session, LiveRosters live, LiveOptions options, TimeProvider clock, IHostApplicationLifetime lifetime) =>
        await ShownCampaign.Find(session, id, http.RequestAborted) is null ? Problems.Of(CampaignViews.Unknown) : await Watch(id, http, session, live, options, clock, lifetime);

    private static Task<IResult> OfOrganization(HttpContext http, StreamSession session, LiveRosters live, LiveOptions options, TimeProvider clock, IHostApplicationLifetime lifetime) =>
        Watch(CampaignTables.Everyone(session.Organization), http, session, live, options, clock, lifetime);

    private static async Task<IResult> Watch(
        Guid roster, HttpContext http, StreamSession session, LiveRosters live, LiveOptions options, TimeProvider clock, IHostApplicationLifetime lifetime)
    {
        if (!TryRead(http.Request.Headers["Last-Event-ID"].ToString(), out var last))
        {
            return Problems.Of(new Decision.Refused(RefusalKind.InvalidValue, "last-event-id.invalid", "Come back with the id of the last event you have, or with none.", "Last-Event-ID"));
        }

        // A stream ends with its token, or with us; the client comes back with a new one.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        if (long.TryParse(http.User.FindFirst("exp")?.Value, CultureInfo.InvariantCulture, out var end) && DateTimeOffset.FromUnixTimeSeconds(end) - clock.GetUtcNow() is var left)
        {
            ending.CancelAfter(left < TimeSpan.Zero ? TimeSpan.Zero : left < Longest ? left : Longest);
        }

        try
        {
            using var watcher = await live.Watch(session.Organization, roster, ending.Token);
            http.Response.ContentType = "text/event-stream";
            http.Response.Headers.CacheControl = "no-store";
            http.Response.Headers["X-Accel-Buffering"] = "no";
            http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            var position = await Begin(roster, last, http.Response, session, options, clock, ending.Token);
            await foreach (var batch in watcher.Batches.ReadAllAsync(ending.Token))
            {
                if (batch.MustHear || batch.Seq > position)
                {
                    await Write(http.Response, batch.Bytes, ending.Token);
                }
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Nobody to tell: the client is gone, its token over, or we stop.
        }

        return TypedResults.Empty;
    }

    // Answers how far the client has come by it.
    private static async Task<long> Begin(Guid roster, long? last, HttpResponse response, StreamSession session, LiveOptions options, TimeProvider clock, CancellationToken ct)
    {
        var text = new EventText();
        var shown = await RosterNews.Shown(session, roster, ct) ?? [];
        var position = await RosterNews.Pulse(session, roster, ct);
        if (last is null)
        {
            RosterNews.WriteReady(text, position, shown);
        }
        else if (last > position || await RosterNews.Since(session, roster, last.Value, options.MostCreators, ct) is not { } changes)
        {
            RosterNews.WriteReload(text, position, shown);
        }
        else
        {
            position = changes.Seq;
            RosterNews.WriteSettings(text, shown);
            await RosterNews.Write(text, session, roster, changes.Creators, shown, clock.GetUtcNow(), ct);
            await RosterNews.WriteFigures(text, session, roster, position, shown, ct);
        }

        await Write(response, text.Bytes, ct);
        return position;
    }

    private static async Task Write(HttpResponse response, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        await response.Body.WriteAsync(bytes, ct);
        await response.Body.FlushAsync(ct);
    }

    private static bool TryRead(string header, out long? last)
    {
        last = long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? seq : null;
        return header.Length == 0 || last is not null;
    }
}
