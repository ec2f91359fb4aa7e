using Connections.Hub;
using Connections.Insights;
using Connections.Platforms;
using Connections.Upkeep;
using EventSourcing;
using JasperFx.Events;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults;

namespace Connections.Features;

/// <summary>A creator's connections, one per platform, the ones never made included.</summary>
public static class ConnectionsOfCreator
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/creators/{creatorId:guid}/connections", OfCreator).WithName(nameof(ConnectionsOfCreator)).WithTags("Connections").RequireScope("connections.read")
            .WithSummary("A creator's connections").WithDescription("One item per platform.")
            .Refuses(404, "creator.unknown");
        routes.MapGet("/v1/connections/{id:guid}", One).WithName("ConnectionById").WithTags("Connections").RequireScope("connections.read")
            .WithSummary("One connection").WithDescription("As in the list of its creator.")
            .Refuses(404, "connection.unknown");
    }

    private static async Task<Results<Ok<ConnectionList>, ProblemHttpResult>> OfCreator(
        Guid creatorId, StreamSession session, PlatformList platforms, NpgsqlDataSource source, InsightsOptions insights, TimeProvider clock, CancellationToken ct)
    {
        if (await session.Load<KnownCreator>(creatorId, ct) is null)
        {
            return Problems.Of(StatusCodes.Status404NotFound, "creator.unknown", "There is no such creator in this organization. A creator registered a moment ago may still be on the way.");
        }

        var ids = platforms.All.ToDictionary(platform => Connection.IdOf(session.Organization, creatorId, platform.Options.Key), platform => platform.Options);
        Guid[] wanted = [.. ids.Keys];
        var events = await session.Facts(wanted, ct);
        var accounts = (await session.Query.LoadManyAsync<ConnectedAccount>(ct, wanted)).ToDictionary(account => account.Id);
        var upkeep = (await UpkeepTable.Many(source, session.Organization, wanted, ct)).ToDictionary(row => row.ConnectionId);
        var pulls = (await source.Read(PullTable.Read(session.Organization, wanted), reader => PullTable.RowOf(reader).Row, ct)).ToDictionary(row => row.ConnectionId);
        return TypedResults.Ok(new ConnectionList([.. ids.Select(id => ConnectionView.Of(
            id.Key, id.Value, [.. events[id.Key]], accounts.GetValueOrDefault(id.Key), upkeep.GetValueOrDefault(id.Key)) with
        {
            Insights = InsightsView.Of(pulls.GetValueOrDefault(id.Key), id.Value.Name, insights, clock.GetUtcNow()),
        })]));
    }

    private static async Task<Results<Ok<ConnectionView>, ProblemHttpResult>> One(
        Guid id, StreamSession session, PlatformList platforms, NpgsqlDataSource source, InsightsOptions insights, TimeProvider clock, CancellationToken ct)
    {
        var events = await session.Facts(id, ct);
        return StreamFold<Connection>.Of(events) is { } connection && platforms.Find(connection.Platform) is { } platform
            ? TypedResults.Ok(ConnectionView.Of(
                id,
                platform.Options,
                events,
                await session.Query.LoadAsync<ConnectedAccount>(id, ct),
                await UpkeepTable.One(source, session.Organization, id, ct)) with
            {
                Insights = InsightsView.Of(
                    (await source.Read(PullTable.Read(session.Organization, id), reader => PullTable.RowOf(reader).Row, ct)).FirstOrDefault(), platform.Options.Name, insights, clock.GetUtcNow()),
            })
            : Problems.Of(StatusCodes.Status404NotFound, "connection.unknown", "There is no such connection in this organization.");
    }
}

/// <summary>Connections of one creator.</summary>
public sealed record ConnectionList(IReadOnlyList<ConnectionView> Items);

/// <summary>A connection as people and product teams see it.</summary>
/// <param name="ConnectionId">Stable over every reconnection.</param>
/// <param name="Platform">instagram, youtube or tiktok.</param>
/// <param name="Type">The connection type that columns and filters speak of.</param>
/// <param name="Status">Connected, Expired, Invalidated or NotConnected.</param>
/// <param name="Colour">green, red or grey.</param>
/// <param name="Reason">Why an invalidated connection died.</param>
/// <param name="Confidence">confirmed or inferred, where there is a reason.</param>
/// <param name="Since">Since when it has this status (UTC).</param>
/// <param name="Scopes">What was granted, in the platform's spelling.</param>
/// <param name="Account">The account, while we hold it.</param>
/// <param name="ExpiresAt">Known end of life (UTC); null where the platform names none.</param>
/// <param name="NextAction">What a person can do about it; null when nothing needs doing.</param>
public sealed record ConnectionView(
    Guid ConnectionId,
    string Platform,
    string Type,
    string Status,
    string Colour,
    string? Reason,
    string? Confidence,
    DateTimeOffset? Since,
    IReadOnlyList<string> Scopes,
    AccountView? Account,
    DateTimeOffset? ExpiresAt,
    string? NextAction)
{
    /// <summary>What keeping it alive looks like now; null where nothing is kept alive.</summary>
    public UpkeepView? Upkeep { get; init; }

    /// <summary>Whether data flows: apart from the status, which says whether it may.</summary>
    public InsightsView? Insights { get; init; }

    internal static ConnectionView Of(Guid id, PlatformOptions platform, IReadOnlyList<IEvent> events, ConnectedAccount? account, UpkeepRow? upkeep)
    {
        var connection = StreamFold<Connection>.Of(events);
        var standing = connection?.Standing ?? Standing.NotConnected;
        var change = events.LastOrDefault(e => e.Data is AccessGranted or AccessExpired or AccessInvalidated or AccessRecovered);
        return new(
            id,
            platform.Key,
            platform.ConnectionType,
            standing.ToString(),
            StatusColour.Of(standing),
            connection?.Reason,
            (change?.Data as AccessInvalidated)?.Evidence.Confidence,
            change?.Timestamp,
            connection?.Scopes ?? [],
            account is null ? null : new(account.AccountId, account.Handle, account.Name, account.PictureUrl),
            upkeep?.EndsAt ?? connection?.EndsAt,
            NextActionFor(standing, connection?.Reason, change?.Data, upkeep, platform.Name))
        {
            Upkeep = upkeep is null ? null : new(upkeep.IssuedAt, upkeep.RefreshAt, upkeep.IsHeld, upkeep.Suspicion is null ? null : upkeep.Suspicion.Code, upkeep.Trouble, upkeep.TroubleAt),
        };
    }

    private static string? NextActionFor(Standing standing, string? reason, object? change, UpkeepRow? upkeep, string platform) => standing switch
    {
        Standing.Connected when upkeep is { WarnedDays: { } days, EndsAt: { } end } && (upkeep.RefreshAt is null || upkeep.Trouble is not null) => $"Ask the creator to reconnect {platform} before {end:d MMMM yyyy}: {days} days or less are left, and it cannot be renewed without them",
        Standing.Connected => null,
        Standing.NotConnected => $"Ask the creator to connect {platform}",
        _ when reason == InvalidReason.AccountDeleted => $"Ask the creator whether they have another {platform} account",
        _ when reason == InvalidReason.AccountSuspended => $"Ask the creator to resolve the suspension with {platform}; once it is lifted the connection comes back by itself",
        _ when reason == InvalidReason.DataDeletionRequested => $"The creator asked {platform} to have their data deleted: ask again only if they want to work with you",
        _ when reason == InvalidReason.PermissionRemoved => $"Ask the creator to reconnect {platform} and to leave every permission on",
        _ when change is AccessInvalidated { Evidence.Code: "authorization.removed/3" } => $"{platform} does not let this creator share data because of their age: do not ask again",
        _ => $"Ask the creator to reconnect {platform}",
    };
}

/// <summary>How a connection is kept alive.</summary>
/// <param name="RenewedAt">When its tokens were last issued (UTC).</param>
/// <param name="NextRefreshAt">When they are to be refreshed (UTC); null where that is not needed.</param>
/// <param name="IsHeld">It would have changed, but so much fails at the platform that nothing is believed now.</param>
/// <param name="Doubt">A refusal that is not believed yet: the platform's code.</param>
/// <param name="Trouble">The last failure; null when the last call went well.</param>
/// <param name="TroubleAt">When that was (UTC).</param>
public sealed record UpkeepView(DateTimeOffset RenewedAt, DateTimeOffset? NextRefreshAt, bool IsHeld, string? Doubt, string? Trouble, DateTimeOffset? TroubleAt);

/// <summary>The platform account behind a connection.</summary>
public sealed record AccountView(string Id, string? Handle, string? Name, string? PictureUrl);
