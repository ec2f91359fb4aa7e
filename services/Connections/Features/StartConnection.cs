using System.Security.Cryptography;
using Connections.Hub;
using Connections.Platforms;
using EventSourcing;
using Microsoft.AspNetCore.WebUtilities;
using Npgsql;

namespace Connections.Features;

/// <summary>The creator pressed Connect: remember the attempt and send them to the platform's consent page.</summary>
public static class StartConnection
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/hub/connect/{platform}", Handle).WithName(nameof(StartConnection)).AllowAnonymous().DisableAntiforgery().RequireRateLimiting(HubRateLimit.Policy).ExcludeFromDescription();

    private static async Task<IResult> Handle(
        string platform, HttpContext http, StreamSession session, PlatformList platforms, HubOptions hub, NpgsqlDataSource source, TimeProvider clock, CancellationToken ct)
    {
        if (await HubForm.Sender(http) is not { } visit)
        {
            return HubResponse.NoSession(http);
        }

        if (platforms.Find(platform) is not { } known)
        {
            return HubResponse.Message(http, StatusCodes.Status404NotFound, "We do not know this platform", "Go back and choose one of those listed.");
        }

        var attempt = AuthorizationAttempt.Begin(visit, known.Options, hub, clock.GetUtcNow());
        await attempt.Save(source, ct);
        var id = Connection.IdOf(visit.Organization, visit.CreatorId, platform);
        await session.DecideAndSave<Connection>(id, connection => Decide(connection, visit.CreatorId, platform, visit.InvitationId), ct);
        return HubResponse.To(http, attempt.ConsentPage(known.Options));
    }

    public static Decision Decide(Connection? state, Guid creator, string platform, Guid? invitation) =>
        state is null ? Decision.Of(new AuthorizationStarted(creator, platform, invitation)) : Decision.Nothing;
}

/// <summary>One visit to a consent page, bound to the browser session it began in, good once and for minutes (RFC 9700 2.1, 4.7).</summary>
internal sealed record AuthorizationAttempt(
    string State, string Organization, Guid SessionId, Guid CreatorId, string Platform, string RedirectUri, string? CodeVerifier, Guid InvitationId, DateTimeOffset ExpiresAt)
{
    public static AuthorizationAttempt Begin(HubSession visit, PlatformOptions platform, HubOptions hub, DateTimeOffset now) => new(
        WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32)),
        visit.Organization,
        visit.Id,
        visit.CreatorId,
        platform.Key,
        hub.RedirectUri(platform.Key),
        platform.ProofKey == ProofKey.None ? null : WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(48)),
        visit.InvitationId,
        now + hub.AttemptLifetime);

    /// <summary>The consent page's address for this attempt.</summary>
    public string ConsentPage(PlatformOptions platform)
    {
        var query = new Dictionary<string, string?>(platform.AuthorizeParameters.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)))
        {
            [platform.ClientIdParameter] = platform.AppId,
            ["redirect_uri"] = RedirectUri,
            ["response_type"] = "code",
            ["scope"] = string.Join(platform.ScopeSeparator, platform.Scopes),
            ["state"] = State,
        };
        if (CodeVerifier is not null)
        {
            query["code_challenge"] = WebEncoders.Base64UrlEncode(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(CodeVerifier)));
            query["code_challenge_method"] = "S256";
        }

        return QueryHelpers.AddQueryString($"{platform.AuthorizeBase.Root()}{platform.AuthorizePath}", query);
    }

    public async Task Save(NpgsqlDataSource source, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"""
            insert into {ConnectionTables.Schema}.authorization_attempt (state_hash, tenant_id, session_id, creator_id, platform, redirect_uri, code_verifier, invitation_id, expires_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """);
        command.With(HashOf(State), Organization, SessionId, CreatorId, Platform, RedirectUri, CodeVerifier, InvitationId, ExpiresAt);
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Takes the attempt away, so that it can be used once; null for an unknown, used, expired or other session's state.</summary>
    public static async Task<AuthorizationAttempt?> Take(NpgsqlDataSource source, string state, HubSession visit, string platform, DateTimeOffset now, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"""
            delete from {ConnectionTables.Schema}.authorization_attempt
            where state_hash = $1 and session_id = $2 and tenant_id = $3 and platform = $4 and expires_at > $5
            returning creator_id, redirect_uri, code_verifier, invitation_id, expires_at
            """);
        command.With(HashOf(state), visit.Id, visit.Organization, platform, now);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct)
            ? new(state, visit.Organization, visit.Id, reader.GetGuid(0), platform, reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetGuid(3), reader.GetFieldValue<DateTimeOffset>(4))
            : null;
    }

    private static string HashOf(string state) => WebEncoders.Base64UrlEncode(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(state)));
}
