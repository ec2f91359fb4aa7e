using Connections.Platforms;
using Connections.Upkeep;
using EventSourcing.Operations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using ServiceDefaults;

namespace Connections.Features;

/// <summary>What upkeep has before it, platform by platform; and an operator's word that whatever waits after a failure is tried now.</summary>
public static class ShowRefreshQueue
{
    /// <param name="Items">One per platform, the same for every organization.</param>
    public sealed record Response(IReadOnlyList<QueueOfPlatform> Items);

    /// <summary>A platform's connections by when they are refreshed or probed next.</summary>
    /// <param name="Platform">Its key.</param>
    /// <param name="Connections">How many are looked after.</param>
    /// <param name="Due">How many are due by now.</param>
    /// <param name="UnderWay">How many a replica is at.</param>
    /// <param name="NextHour">How many become due within an hour.</param>
    /// <param name="NextDay">How many become due within a day, the next hour's included.</param>
    /// <param name="Failing">How many failed the last time and wait for another try.</param>
    /// <param name="Held">How many would have changed and wait for the end of an incident.</param>
    /// <param name="OldestDueAt">Since when the longest waiting one is due (UTC).</param>
    public sealed record QueueOfPlatform(
        string Platform, long Connections, long Due, long UnderWay, long NextHour, long NextDay, long Failing, long Held, DateTimeOffset? OldestDueAt);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/operations/refresh-queue", Show).WithName(nameof(ShowRefreshQueue)).WithTags("Operations").RequireScope("ops")
            .WithSummary("What upkeep has before it").WithDescription("Counts per platform, over all organizations.");
        routes.MapPost("/v1/platforms/{platform}/refresh", Refresh).WithName("RefreshPlatform").WithTags("Operations").RequireScope("ops")
            .WithSummary("Try a platform's failed connections again now")
            .WithDescription("Connections that failed or are held would wait for their next try: they are due within a minute. What the platform's limits and an open incident forbid stays forbidden.")
            .Refuses(404, "platform.unknown").Refuses(422, [.. OperatorAudit.Codes]);
    }

    private static async Task<Ok<Response>> Show(PlatformList platforms, NpgsqlDataSource source, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var found = await source.Read(
            UpkeepTable.Queue(now),
            reader => new QueueOfPlatform(
                reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6), reader.GetInt64(7),
                reader.IsDBNull(8) ? null : reader.GetFieldValue<DateTimeOffset>(8)),
            ct);
        return TypedResults.Ok(new Response(
            [.. platforms.All.Select(platform => found.FirstOrDefault(queue => queue.Platform == platform.Options.Key) ?? new(platform.Options.Key, 0, 0, 0, 0, 0, 0, 0, null))]));
    }

    private static async Task<Results<Ok<CommandOutcome>, ProblemHttpResult>> Refresh(
        string platform, [FromHeader(Name = "Idempotency-Key")] string? key, HttpContext http, OperatorAudit audit, PlatformList platforms, NpgsqlDataSource source, TimeProvider clock) =>
        platforms.Find(platform) is null
            ? ShowPlatforms.Unknown()
            : await audit.Run(http, "platform.refresh", platform, platform, async ct => await source.Run(UpkeepTable.TryAgain(platform, clock.GetUtcNow()), ct));
}
