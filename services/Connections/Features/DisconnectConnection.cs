using Connections.Hub;
using Connections.Platforms;
using Connections.Upkeep;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults;

namespace Connections.Features;

/// <summary>The creator, or the organization, ends a connection: tell the platform, drop the tokens, record who wanted it.</summary>
public static class DisconnectConnection
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/hub/disconnect/{platform}", FromHub).WithName("DisconnectByCreator").AllowAnonymous().DisableAntiforgery().RequireRateLimiting(HubRateLimit.Policy).ExcludeFromDescription();
        routes.MapPost("/v1/connections/{id:guid}/disconnect", FromApi).WithName(nameof(DisconnectConnection)).WithTags("Connections").RequireScope("connections.write")
            .WithSummary("Disconnect a creator's account")
            .WithDescription("Asks the platform to forget the authorization where it can be asked, drops our tokens, and shows the connection as Invalidated, DisconnectedByUs. Repeating it changes nothing.")
            .Refuses(404, "connection.unknown").Refuses(409, "connection.never-connected");
    }

    public static Decision Decide(Connection? state, string reason, string source, DateTimeOffset now) => state switch
    {
        null => Decision.Unknown("connection.unknown", "There is no such connection in this organization."),
        { Standing: Standing.NotConnected } => Decision.Refuse("connection.never-connected", "The creator has not connected this account, so there is nothing to disconnect."),
        { Standing: Standing.Invalidated } => Decision.Nothing,
        _ => Decision.Of(new AccessInvalidated(state.CreatorId, state.Platform, reason, new(source, null, now, "confirmed"))),
    };

    private static async Task<IResult> FromHub(string platform, HttpContext http, StreamSession session, PlatformList platforms, NpgsqlDataSource source, Attendance attendance, TimeProvider clock, CancellationToken ct)
    {
        if (await HubForm.Sender(http) is not { } visit)
        {
            return HubResponse.NoSession(http);
        }

        var id = Connection.IdOf(visit.Organization, visit.CreatorId, platform);
        await Disconnect(id, InvalidReason.DisconnectedByCreator, "creator", session, platforms, source, attendance, clock, ct);
        return HubResponse.To(http, $"/hub?platform={Uri.EscapeDataString(platform)}&outcome=disconnected");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> FromApi(Guid id, StreamSession session, PlatformList platforms, NpgsqlDataSource source, Attendance attendance, TimeProvider clock, CancellationToken ct) =>
        (await Disconnect(id, InvalidReason.DisconnectedByUs, "organization", session, platforms, source, attendance, clock, ct)).ToHttp(_ => TypedResults.NoContent());

    private static async Task<Outcome<Connection>> Disconnect(
        Guid id, string reason, string who, StreamSession session, PlatformList platforms, NpgsqlDataSource source, Attendance attendance, TimeProvider clock, CancellationToken ct)
    {
        var row = await UpkeepTable.One(source, session.Organization, id, ct);
        var tokens = row is null ? null : await attendance.Open(row);

        // Ours first: from here on nobody uses the tokens, whatever the platform answers.
        var outcome = await session.DecideAndSave<Connection>(id, connection => Decide(connection, reason, who, clock.GetUtcNow()), ct, alongside: operations =>
        {
            ConnectionTables.NoUpkeep(operations, session.Organization, id);
        });
        if (tokens is not null && outcome is { IsRecorded: true, State: { } state } && platforms.Find(state.Platform) is { } platform)
        {
            try
            {
                await platform.Disconnect(tokens, ct);
            }
            catch (PlatformException)
            {
                // The platform cannot be asked now. Our copy is gone, and the page tells the creator where to remove the app.
            }
        }

        return outcome;
    }
}
