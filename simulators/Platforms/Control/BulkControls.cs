using Platforms.Accounts;

namespace Platforms.Control;

/// <summary>Many accounts that have granted us everything, without a consent page each: for tests and benchmarks that need a crowd.</summary>
public static class BulkControls
{
    private const int MostAtOnce = 50_000;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/control/accounts/bulk", Open);

    /// <summary>
    /// Opens count accounts (at most 50,000) named prefix.1, prefix.2 and so on, each with a grant of the scopes (null: all) and a set of tokens issued
    /// ageSeconds ago. Answers the tokens' values, as nothing else here does. An account that is there already gets one more set. 404 platform.unknown, 422.
    /// </summary>
    private static IResult Open(Crowd crowd, Desk desk, Ledger ledger) => desk.WithPlatform(crowd.Platform, platform =>
    {
        if (crowd.Count is < 1 or > MostAtOnce || crowd.AgeSeconds < 0 || crowd.First < 1)
        {
            return Problem.Invalid("count", "Open 1 to 50,000 accounts at once, with tokens issued 0 or more seconds ago, counted from 1 or more.");
        }

        var unknown = crowd.Scopes?.FirstOrDefault(s => platform.Scopes.All(o => o.Name != s));
        if (unknown is not null || AccountKey.From(platform.Key, $"{crowd.Prefix}.{crowd.First + crowd.Count}") is null)
        {
            return unknown is null
                ? Problem.Invalid("prefix", "A handle has letters, digits, dots, dashes and underscores, at most 60 of them.")
                : Problem.Invalid("scopes", $"{platform.Title} has no scope {unknown}.");
        }

        var scopes = crowd.Scopes ?? [.. platform.Scopes.Select(s => s.Name)];
        var issuedAt = desk.Now.AddSeconds(-crowd.AgeSeconds);
        return Results.Ok(new { items = Enumerable.Range(crowd.First, crowd.Count).Select(i => One(platform, $"{crowd.Prefix}.{i}", scopes, issuedAt, ledger)).ToList() });
    });

    private static object One(ISimulatedPlatform platform, string handle, IReadOnlyList<string> scopes, DateTimeOffset issuedAt, Ledger ledger)
    {
        var key = AccountKey.From(platform.Key, handle)!.Value;
        ledger.Open(platform, key.Handle, issuedAt);
        return ledger.Change(key, a =>
        {
            var tokens = platform.NewTokens(a, issuedAt);
            var (access, refresh) = (tokens.First(t => t.Kind is TokenKind.Access), tokens.FirstOrDefault(t => t.Kind is TokenKind.Refresh));
            return (a.Granting(scopes, issuedAt).Issuing(issuedAt, tokens), new
            {
                a.Handle,
                a.Name,
                a.Id,
                a.ProfileId,
                accessToken = access.Value,
                accessExpiresAt = access.ExpiresAt,
                refreshToken = refresh?.Value,
                refreshExpiresAt = refresh?.ExpiresAt,
            });
        });
    }

    private sealed record Crowd(string? Platform, string? Prefix, IReadOnlyList<string>? Scopes, int Count = 0, int First = 1, int AgeSeconds = 0);
}
