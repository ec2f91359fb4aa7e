using Connections.Hub;
using Connections.Platforms;
using EventSourcing;
using Marten;
using Npgsql;

namespace Connections.Features;

/// <summary>The creator returned from the consent page: trade the code for tokens, check whose account it is, and record the access.</summary>
public static class GrantConnection
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/hub/callback/{platform}", Handle).WithName(nameof(GrantConnection)).AllowAnonymous().RequireRateLimiting(HubRateLimit.Policy).ExcludeFromDescription();

    private static async Task<IResult> Handle(
        string platform, HttpContext http, StreamSession session, PlatformList platforms, TokenVault vault, NpgsqlDataSource source, TimeProvider clock, CancellationToken ct)
    {
        if (platforms.Find(platform) is not { } known)
        {
            return HubResponse.Message(http, StatusCodes.Status404NotFound, "We do not know this platform", "Open your invitation again.");
        }

        if (await HubSession.Of(http) is not { } visit)
        {
            return HubResponse.NoSession(http);
        }

        // State first, and taken away before anything else: an answer nobody asked for may not even name an error.
        var callback = Callback.Read(http.Request.Query, known.Options);
        if (callback is null || await AuthorizationAttempt.Take(source, callback.State, visit, platform, clock.GetUtcNow(), ct) is not { } attempt)
        {
            return HubResponse.Message(
                http, StatusCodes.Status400BadRequest, "That did not work", "This answer does not belong to a connection you have just started here, or it took too long. Open your invitation and press Connect again.");
        }

        var id = Connection.IdOf(visit.Organization, visit.CreatorId, platform);
        if (callback.Code is null)
        {
            await session.DecideAndSave<Connection>(id, _ => Decision.Of(new AuthorizationDeclined(DeclineReason.Denied, [])), ct);
            return Back(http, platform, DeclineReason.Denied);
        }

        Grant grant;
        try
        {
            // The platform is asked before the stream is locked: a slow consent server must not hold a version.
            grant = await known.Exchange(callback.Code, attempt.RedirectUri, attempt.CodeVerifier, ct);
        }
        catch (PlatformException)
        {
            await session.DecideAndSave<Connection>(id, _ => Decision.Of(new AuthorizationDeclined(DeclineReason.PlatformRefused, [])), ct);
            return Back(http, platform, DeclineReason.PlatformRefused);
        }

        var taken = await IsTaken(source, visit.Organization, platform, grant.AccountId, id, ct);
        var kept = await session.Query.LoadAsync<SealedTokens>(id, ct) is { } old ? vault.Open(visit.Organization, old) : null;
        string? outcome = null;
        await session.DecideAndSave<Connection>(
            id,
            connection =>
            {
                var decision = Decide(connection, visit.CreatorId, known.Options, grant, taken, visit.InvitationId, clock.GetUtcNow());
                outcome = decision is Decision.Recorded { Events: [AuthorizationDeclined declined, ..] } ? declined.Reason : "connected";
                return decision;
            },
            ct,
            alongside: operations =>
            {
                if (outcome == "connected")
                {
                    Keep(operations, vault, visit.Organization, id, platform, grant, kept);
                    if (known.Options.HasMarketplace)
                    {
                        // From now on the account's own handle is known, which may not be the one asked about so far.
                        MarketplaceTables.Due(operations, visit.Organization, visit.CreatorId, clock.GetUtcNow());
                    }
                }
            });
        return Back(http, platform, outcome!);
    }

    public static Decision Decide(Connection? state, Guid creator, PlatformOptions platform, Grant grant, bool accountTaken, Guid? invitation, DateTimeOffset now)
    {
        string[] missing = [.. platform.RequiredScopes.Except(grant.Scopes)];
        if (grant.IsPersonal)
        {
            return Declined(DeclineReason.PersonalAccount);
        }

        if (accountTaken)
        {
            return Declined(DeclineReason.AccountTaken);
        }

        if (state?.AccountId is { } bound && bound != grant.AccountId)
        {
            return Declined(DeclineReason.OtherAccount);
        }

        if (missing.Length > 0)
        {
            // Whoever was connected has just taken back a part of it; whoever was not stays as they were.
            return state is { Standing: Standing.Connected }
                ? Decision.Of(
                    new AuthorizationDeclined(DeclineReason.ScopeMissing, missing),
                    new AccessInvalidated(creator, platform.Key, InvalidReason.PermissionRemoved, new("callback", null, now, "confirmed")))
                : Declined(DeclineReason.ScopeMissing, missing);
        }

        // Where a refresh token exists its end is the authorization's end; an access token alone is renewed long before.
        return Decision.Of(new AccessGranted(creator, platform.Key, grant.AccountId, grant.Scopes, grant.Tokens.RefreshEndsAt, invitation, now));

        static Decision Declined(string reason, params string[] missing) => Decision.Of(new AuthorizationDeclined(reason, missing));
    }

    private static void Keep(IDocumentOperations operations, TokenVault vault, string organization, Guid id, string platform, Grant grant, TokenSet? kept)
    {
        // A platform that sends no refresh token when a creator connects again means: keep the one you have.
        var tokens = grant.Tokens.RefreshToken is null && kept?.RefreshToken is not null
            ? grant.Tokens with { RefreshToken = kept.RefreshToken, RefreshEndsAt = kept.RefreshEndsAt }
            : grant.Tokens;
        operations.Store(vault.Seal(organization, id, tokens));
        operations.Store(new ConnectedAccount(id, grant.AccountId, grant.Profile.Handle, grant.Profile.Name, grant.Profile.PictureUrl));
        ConnectionTables.Granted(operations, organization, id, platform, grant.AccountKeys, tokens.RefreshEndsAt);
    }

    private static async Task<bool> IsTaken(NpgsqlDataSource source, string organization, string platform, string account, Guid self, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"select exists (select 1 from {ConnectionTables.Schema}.account_key where platform = $1 and key = $2 and tenant_id = $3 and connection_id <> $4)");
        command.With(platform, account, organization, self);
        return (bool)(await command.ExecuteScalarAsync(ct))!;
    }

    private static SeeOther Back(HttpContext http, string platform, string outcome) => HubResponse.To(http, $"/hub?platform={platform}&outcome={outcome}");

    /// <summary>What a platform's redirect said, if it said it properly.</summary>
    private sealed record Callback(string State, string? Code)
    {
        public static Callback? Read(IQueryCollection query, PlatformOptions platform)
        {
            // A parameter given twice, or a code together with an error, is an attack or a bug; neither is answered.
            if (query.Any(parameter => parameter.Value.Count != 1) || query["state"] is not [{ Length: > 0 } state] || query.ContainsKey("code") == query.ContainsKey("error"))
            {
                return null;
            }

            // RFC 9207: an issuer that is named must be the one we asked.
            if (query.TryGetValue("iss", out var issuer) && issuer != platform.Issuer)
            {
                return null;
            }

            return new(state, query["code"].ToString() is { Length: > 0 } code ? code : null);
        }
    }
}
