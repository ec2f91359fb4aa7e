using System.Security.Cryptography;
using Connections.Platforms;
using Connections.Upkeep;
using Connections.Vault;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults;

namespace Connections.Features;

/// <summary>A creator asked the organization to have their data erased: end their connections, drop what we stored, destroy their key.</summary>
public static class EraseCreator
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapDelete("/v1/creators/{creatorId:guid}/connections-data", Handle)
        .WithName(nameof(EraseCreator)).WithTags("Connections").RequireScope("connections.write")
        .WithSummary("Erase a creator's connections data")
        .WithDescription("Every connection of the creator becomes Invalidated, DataDeletionRequested; tokens, accounts and lookups go, and the creator's key is destroyed, so that copies in backups of this service's database cannot be opened either. 204 when all of it is done; 202 when it is recorded and the key's destruction follows by itself. Repeating it changes nothing.")
        .Refuses(404, "creator.unknown");

    /// <summary><paramref name="source"/> is whose request it was: organization, or the creator themselves in the Hub.</summary>
    public static Decision Decide(Connection? state, DateTimeOffset now, string source = "organization") => state switch
    {
        null or { Standing: Standing.NotConnected } or { Reason: InvalidReason.DataDeletionRequested } => Decision.Nothing,
        _ => Decision.Of(new AccessInvalidated(state.CreatorId, state.Platform, InvalidReason.DataDeletionRequested, new(source, null, now, "confirmed"))),
    };

    private static async Task<Results<NoContent, Accepted, ProblemHttpResult>> Handle(
        Guid creatorId, StreamSession session, PlatformList platforms, NpgsqlDataSource source, TokenVault vault, Erasures erasures, TimeProvider clock, CancellationToken ct)
    {
        var ids = platforms.All.ToDictionary(platform => Connection.IdOf(session.Organization, creatorId, platform.Options.Key));
        if (await session.Load<KnownCreator>(creatorId, ct) is null && !await IsConnected(session, ids.Keys, ct))
        {
            return Problems.Of(StatusCodes.Status404NotFound, "creator.unknown", "There is no such creator in this organization. A creator registered a moment ago may still be on the way.");
        }

        return await Erase(creatorId, "organization", session, platforms, source, vault, erasures, clock, ct) ? TypedResults.NoContent() : TypedResults.Accepted($"/v1/creators/{creatorId}/connections");
    }

    /// <summary>Erases; false where all is recorded, but the key's destruction is left to a worker.</summary>
    internal static async Task<bool> Erase(
        Guid creatorId, string by, StreamSession session, PlatformList platforms, NpgsqlDataSource source, TokenVault vault, Erasures erasures, TimeProvider clock, CancellationToken ct)
    {
        var ids = platforms.All.ToDictionary(platform => Connection.IdOf(session.Organization, creatorId, platform.Options.Key));
        var tokens = await Opened(session, source, vault, creatorId, [.. ids.Keys], ct);
        var now = clock.GetUtcNow();
        await session.DecideAllAndSave<Connection>(
            [.. ids.Keys], (_, connection) => Decide(connection, now, by), ct, alongside: operations => ConnectionTables.Forget(operations, session.Organization, creatorId, now, [.. ids.Keys]));
        try
        {
            // It is recorded. That whoever asked hangs up stops nothing from here on.
            await erasures.Finish(session.Organization, creatorId, CancellationToken.None);
            return true;
        }
        catch (TokenVaultException)
        {
            // It is recorded and due: a worker goes on with it.
            return false;
        }
        finally
        {
            foreach (var (id, opened) in tokens)
            {
                await TellPlatform(ids[id], opened);
            }
        }
    }

    // Read before they go, for the platforms to be told. What cannot be read is erased all the same.
    private static async Task<IReadOnlyDictionary<Guid, TokenSet>> Opened(StreamSession session, NpgsqlDataSource source, TokenVault vault, Guid creator, Guid[] connections, CancellationToken ct)
    {
        var opened = new Dictionary<Guid, TokenSet>();
        foreach (var row in await UpkeepTable.Many(source, session.Organization, connections, ct))
        {
            try
            {
                opened[row.ConnectionId] = await vault.Open(session.Organization, creator, SealedTokens.FromBytes(row.Sealed), ct);
            }
            catch (CryptographicException)
            {
            }
        }

        return opened;
    }

    private static async Task<bool> IsConnected(StreamSession session, IEnumerable<Guid> connections, CancellationToken ct)
    {
        foreach (var connection in connections)
        {
            if (await session.Load<Connection>(connection, ct) is not null)
            {
                return true;
            }
        }

        return false;
    }

    private static async Task TellPlatform(IPlatform platform, TokenSet tokens)
    {
        try
        {
            await platform.Disconnect(tokens, CancellationToken.None);
        }
        catch (PlatformException)
        {
            // The platform cannot be asked now. Our copy is gone; the creator can remove the app there.
        }
    }
}
