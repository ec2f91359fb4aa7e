using Connections.Platforms;
using Connections.Upkeep;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults;

namespace Connections.Features;

/// <summary>How each platform is doing as a whole: running or paused, incidents, and whether it or we need somebody's attention.</summary>
public static class ShowPlatforms
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/platforms", All).WithName(nameof(ShowPlatforms)).WithTags("Operations").RequireScope("ops")
            .WithSummary("The platforms' state").WithDescription("One item per platform, the same for every organization.");
        routes.MapGet("/v1/platforms/{platform}/incidents", Incidents).WithName("PlatformIncidents").WithTags("Operations").RequireScope("ops")
            .WithSummary("A platform's incidents").WithDescription("The newest 50, newest first.")
            .Refuses(404, "platform.unknown");
    }

    private static async Task<Ok<PlatformStatusList>> All(PlatformList platforms, NpgsqlDataSource source, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var items = new List<PlatformStatus>();
        foreach (var options in platforms.All.Select(platform => platform.Options))
        {
            var state = await PlatformTables.Read(source, options.Key, ct);
            var backlog = await source.Read(UpkeepTable.Backlog(options.Key, now), reader => (Overdue: reader.GetInt64(0), Held: reader.GetInt64(1)), ct);
            items.Add(new(
                options.Key, options.Name, WordFor(state, now), state.OpenedAt, state.IncidentId, state.PausedAt, state.PausedBy, state.QuietUntil > now ? state.QuietUntil : null,
                state.OursCode, state.OursAt, backlog[0].Overdue, backlog[0].Held));
        }

        return TypedResults.Ok(new PlatformStatusList(items));
    }

    private static async Task<Results<Ok<PlatformIncidentList>, ProblemHttpResult>> Incidents(string platform, PlatformList platforms, NpgsqlDataSource source, CancellationToken ct) =>
        platforms.Find(platform) is null
            ? Unknown()
            : TypedResults.Ok(new PlatformIncidentList(await PlatformTables.Incidents(source, platform, 50, ct)));

    internal static ProblemHttpResult Unknown() => Problems.Of(StatusCodes.Status404NotFound, "platform.unknown", "There is no such platform. GET /v1/platforms lists them.");

    private static string WordFor(PlatformState state, DateTimeOffset now) => state switch
    {
        { PausedAt: not null } => "Paused",
        { IsHolding: true } => "Incident",
        _ when state.QuietUntil > now => "Quiet",
        { OursCode: not null } => "Misconfigured",
        _ => "Running",
    };
}

/// <summary>Every platform's state.</summary>
public sealed record PlatformStatusList(IReadOnlyList<PlatformStatus> Items);

/// <summary>A platform's incidents, newest first.</summary>
public sealed record PlatformIncidentList(IReadOnlyList<PlatformIncident> Items);

/// <summary>How a platform is doing.</summary>
/// <param name="Platform">Its key.</param>
/// <param name="Name">As people write it.</param>
/// <param name="State">Running, Incident (so much fails that no connection is changed), Paused (by an operator), Quiet (it asked our app to wait) or Misconfigured.</param>
/// <param name="IncidentSince">Since when an incident is open (UTC).</param>
/// <param name="IncidentId">That incident.</param>
/// <param name="PausedAt">Since when it is paused (UTC).</param>
/// <param name="PausedBy">By whom.</param>
/// <param name="QuietUntil">Until when it asked for patience (UTC).</param>
/// <param name="FaultOfOurs">The code of the last failure that is ours to mend; null when none stands.</param>
/// <param name="FaultOfOursAt">When that was (UTC).</param>
/// <param name="Overdue">Connections that should have been looked at more than five minutes ago.</param>
/// <param name="Held">Connections that would have changed and are held.</param>
public sealed record PlatformStatus(
    string Platform,
    string Name,
    string State,
    DateTimeOffset? IncidentSince,
    Guid? IncidentId,
    DateTimeOffset? PausedAt,
    string? PausedBy,
    DateTimeOffset? QuietUntil,
    string? FaultOfOurs,
    DateTimeOffset? FaultOfOursAt,
    long Overdue,
    long Held);
