using Connections.Insights;
using Connections.Platforms;
using EventSourcing;
using JasperFx.Events;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults;

namespace Connections.Features;

/// <summary>What data and content of a connection can be had, and why the rest cannot; for connections that were never made too.</summary>
public static class ShowAvailability
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/connections/{id:guid}/availability", One).WithName(nameof(ShowAvailability)).WithTags("Insights").RequireScope("connections.read")
            .WithSummary("What data and content a connection yields").WithDescription("Every type the platform has; available, or why not.")
            .Refuses(404, "connection.unknown");
        routes.MapGet("/v1/creators/{creatorId:guid}/availability", OfCreator).WithName("AvailabilityOfCreator").WithTags("Insights").RequireScope("connections.read")
            .WithSummary("What data and content a creator's connections yield").WithDescription("One item per platform, those never connected included.")
            .Refuses(404, "creator.unknown");
    }

    private static async Task<Results<Ok<AvailabilityMatrix>, ProblemHttpResult>> One(Guid id, StreamSession session, PlatformList platforms, NpgsqlDataSource source, CancellationToken ct)
    {
        var events = await session.Facts(id, ct);
        return StreamFold<Connection>.Of(events) is { } connection && platforms.InsightsOf(connection.Platform) is { } insights
            ? TypedResults.Ok(MatrixOf(id, insights, events, (await source.Read(PullTable.Read(session.Organization, id), reader => PullTable.RowOf(reader).Row, ct)).FirstOrDefault()))
            : ShowInsights.Unknown();
    }

    private static async Task<Results<Ok<AvailabilityList>, ProblemHttpResult>> OfCreator(Guid creatorId, StreamSession session, PlatformList platforms, NpgsqlDataSource source, CancellationToken ct)
    {
        if (await session.Load<KnownCreator>(creatorId, ct) is null)
        {
            return Problems.Of(StatusCodes.Status404NotFound, "creator.unknown", "There is no such creator in this organization. A creator registered a moment ago may still be on the way.");
        }

        var ids = platforms.All.ToDictionary(platform => Connection.IdOf(session.Organization, creatorId, platform.Options.Key), platform => platforms.InsightsOf(platform.Options.Key)!);
        Guid[] wanted = [.. ids.Keys];
        var events = await session.Facts(wanted, ct);
        var rows = (await source.Read(PullTable.Read(session.Organization, wanted), reader => PullTable.RowOf(reader).Row, ct)).ToDictionary(row => row.ConnectionId);
        return TypedResults.Ok(new AvailabilityList([.. ids.Select(id => MatrixOf(id.Key, id.Value, [.. events[id.Key]], rows.GetValueOrDefault(id.Key)))]));
    }

    private static AvailabilityMatrix MatrixOf(Guid id, IInsightsSource insights, IReadOnlyList<IEvent> events, PullRow? row)
    {
        var facts = StreamFold<Connection>.Of(events) is { } connection
            ? new AvailabilityFacts(connection.Standing, connection.Reason, DeclinedLast(events), connection.Scopes, row?.Last.Findings ?? new Dictionary<string, string>())
            : AvailabilityFacts.NeverMade;
        return new(id, insights.Options.Key, facts.Standing.ToString(), row?.LastOkAt, Availability.Of(insights.DataTypes, insights.Options, facts));
    }

    private static string? DeclinedLast(IReadOnlyList<IEvent> events) =>
        (events.LastOrDefault(e => e.Data is AccessGranted or AuthorizationDeclined)?.Data as AuthorizationDeclined)?.Reason;
}

/// <summary>The matrices of one creator's connections.</summary>
public sealed record AvailabilityList(IReadOnlyList<AvailabilityMatrix> Items);

/// <summary>What a connection yields.</summary>
/// <param name="ConnectionId">The connection, made or not.</param>
/// <param name="Platform">Its platform.</param>
/// <param name="Status">Connected, Expired, Invalidated or NotConnected.</param>
/// <param name="AsOf">When it was last pulled to the end (UTC); null when never.</param>
/// <param name="Types">Every data and content type of the platform.</param>
public sealed record AvailabilityMatrix(Guid ConnectionId, string Platform, string Status, DateTimeOffset? AsOf, IReadOnlyList<AvailabilityRow> Types);
