using System.Security.Cryptography;
using Connections.Hub;
using Connections.Platforms;
using Connections.Upkeep;
using Connections.Vault;
using EventSourcing;
using Npgsql;

namespace Connections.Features;

/// <summary>The creator returned from the consent page: trade the code for tokens, check whose account it is, and record the access.</summary>
public static class GrantConnection
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/hub/callback/{platform}", Handle).WithName(nameof(GrantConnection)).AllowAnonymous().RequireRateLimiting(HubRateLimit.Policy).ExcludeFromDescription();

    private static async Task<IResult> Handle(
        string platform, HttpContext http, StreamSession session, PlatformList platforms, TokenVault vault, NpgsqlDataSource source, Warnings warnings, Grants grants, TimeProvider clock,
        CancellationToken ct)
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

        try
        {
            // The code is good once: where its tokens could not be sealed it is not spent.
            await vault.Prepare(visit.Organization, visit.CreatorId, ct);

            // The platform is asked before the stream is locked: a slow consent server must not hold a version.
            var grant = await known.Exchange(callback.Code, attempt.RedirectUri, attempt.CodeVerifier, ct);
            var taken = await ConnectionTables.IsTaken(source, visit.Organization, platform, grant.AccountId, id, ct);
            grant = grant with { Tokens = await Complete(grant.Tokens, visit, id, source, vault, ct) };
            var outcome = await vault.SealAndSave(visit.Organization, visit.CreatorId, id, grant.Tokens, tokens => Save(session, visit, known.Options, grant, taken, tokens, warnings, grants, clock, ct), ct);
            return Back(http, platform, outcome);
        }
        catch (PlatformException)
        {
            await session.DecideAndSave<Connection>(id, _ => Decision.Of(new AuthorizationDeclined(DeclineReason.PlatformRefused, [])), ct);
            return Back(http, platform, DeclineReason.PlatformRefused);
        }
        catch (CryptographicException)
        {
            // Ours to mend, and no fact about the connection: it stays as it was.
            http.Response.Headers.RetryAfter = "120";
            return HubResponse.Message(
                http, StatusCodes.Status503ServiceUnavailable, "We cannot keep your connection safe right now", "Nothing was changed. Open your invitation again in a few minutes and press Connect.");
        }
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

    private static async Task<string> Save(
        StreamSession session, HubSession visit, PlatformOptions platform, Grant grant, bool taken, SealedTokens tokens, Warnings warnings, Grants grants, TimeProvider clock,
        CancellationToken ct)
    {
        var (outcome, before) = ("connected", Standing.NotConnected);
        var row = UpkeepRow.Of(
            visit.Organization, tokens.Id, visit.CreatorId, platform, grant.Tokens, tokens.ToBytes(), grant.Scopes, clock.GetUtcNow(), warnings, Random.Shared.NextDouble());
        await session.DecideAndSave<Connection>(
            tokens.Id,
            connection =>
            {
                var decision = Decide(connection, visit.CreatorId, platform, grant, taken, visit.InvitationId, clock.GetUtcNow());
                before = connection?.Standing ?? Standing.NotConnected;
                outcome = decision is Decision.Recorded { Events: [AuthorizationDeclined declined, ..] } ? declined.Reason : "connected";
                return decision;
            },
            ct,
            alongside: operations =>
            {
                if (outcome == "connected")
                {
                    operations.Store(new ConnectedAccount(tokens.Id, grant.AccountId, grant.Profile.Handle, grant.Profile.Name, grant.Profile.PictureUrl));
                    ConnectionTables.Granted(operations, visit.Organization, tokens.Id, platform.Key, grant.AccountKeys);
                    if (platform.HasMarketplace)
                    {
                        // From now on the account's own handle is known, which may not be the one asked about so far.
                        MarketplaceTables.Due(operations, visit.Organization, visit.CreatorId, clock.GetUtcNow());
                    }
                }
            },
            within: async (transaction, decision, token) =>
            {
                if (outcome == "connected")
                {
                    await transaction.Wrote(UpkeepTable.Put(row, tokens), token);
                }
                else if (decision is Decision.Recorded { Events: [.., AccessInvalidated] })
                {
                    await transaction.Wrote(UpkeepTable.Drop(visit.Organization, tokens.Id), token);
                }

                return true;
            });
        if (outcome == "connected")
        {
            grants.Count(platform.Key, before);
        }

        return outcome;
    }

    // A platform that sends no refresh token when a creator connects again means: keep the one you have.
    private static async Task<TokenSet> Complete(TokenSet granted, HubSession visit, Guid id, NpgsqlDataSource source, TokenVault vault, CancellationToken ct)
    {
        if (granted.RefreshToken is not null)
        {
            return granted;
        }

        try
        {
            var kept = await vault.Open(visit.Organization, visit.CreatorId, () => UpkeepTable.TokensOf(source, visit.Organization, id, ct), ct);
            return kept?.RefreshToken is null ? granted : granted with { RefreshToken = kept.RefreshToken, RefreshEndsAt = kept.RefreshEndsAt };
        }
        catch (TokenVaultException exception) when (exception.Fault is VaultFault.Destroyed)
        {
            return granted;
        }
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
