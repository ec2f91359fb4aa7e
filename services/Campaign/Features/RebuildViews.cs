using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>An operator has the campaign views built anew from the events, while they go on being read and kept.</summary>
public sealed partial class RebuildViews(ViewRebuild rebuild, TimeProvider clock, ILogger<RebuildViews> logger)
{
    private readonly Lock gate = new();
    private Task? running;
    private Rebuild? last;

    /// <param name="State">Running, Done, Failed, or Refused where another replica was at it.</param>
    /// <param name="StartedAt">When it began.</param>
    /// <param name="Events">How many events were folded, when it is done.</param>
    /// <param name="Seconds">How long that took.</param>
    public sealed record Rebuild(string State, DateTimeOffset StartedAt, long? Events = null, double? Seconds = null);

    /// <param name="Generation">Which of the two sets of tables counts, a or b.</param>
    /// <param name="Rebuild">The newest rebuild this replica was asked for; null before the first.</param>
    public sealed record Response(string Generation, Rebuild? Rebuild);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/operations/campaign-views/rebuild", Start).WithName(nameof(RebuildViews)).WithTags("Operations").RequireScope("ops")
            .WithSummary("Build the campaign views anew").WithDescription("Goes on in the background; asking again meanwhile changes nothing. Readers see the old views until the new ones have caught up.");
        routes.MapGet("/v1/operations/campaign-views", Show).WithName("ShowViewGenerations").WithTags("Operations").RequireScope("ops").WithSummary("Which views count, and the newest rebuild")
        .WithDescription("Which of the two sets of tables counts, and how the newest rebuild this replica was asked for goes.");
    }

    private static async Task<Accepted<Response>> Start(RebuildViews rebuilds, StreamSession session, HttpContext http, CancellationToken ct)
    {
        rebuilds.Begin(http.User.FindFirst("client_id")?.Value ?? http.User.FindFirst("sub")?.Value ?? "unknown");
        return TypedResults.Accepted("/v1/operations/campaign-views", new Response(await ViewGenerations.Current(session.Query, ct), rebuilds.last));
    }

    private static async Task<Ok<Response>> Show(RebuildViews rebuilds, StreamSession session, CancellationToken ct) =>
        TypedResults.Ok(new Response(await ViewGenerations.Current(session.Query, ct), rebuilds.last));

    private void Begin(string who)
    {
        lock (gate)
        {
            if (running is null or { IsCompleted: true })
            {
                Asked(who);
                last = new("Running", clock.GetUtcNow());
                running = Task.Run(Run);
            }
        }
    }

    private async Task Run()
    {
        try
        {
            last = await rebuild.Run(CancellationToken.None) is { } outcome
                ? last! with { State = "Done", Events = outcome.Events, Seconds = Math.Round(outcome.Elapsed.TotalSeconds, 1) }
                : last! with { State = "Refused" };
        }
        catch (Exception exception)
        {
            Failed(exception);
            last = last! with { State = "Failed" };
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Who} has the campaign views rebuilt.")]
    private partial void Asked(string who);

    [LoggerMessage(LogLevel.Error, "The rebuild of the campaign views failed; the views that are read are as they were.")]
    private partial void Failed(Exception exception);
}
