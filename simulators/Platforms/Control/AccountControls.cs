using Platforms.Accounts;

namespace Platforms.Control;

/// <summary>What a test or an operator does to one account. All under /control/accounts, JSON in and out.</summary>
public static class AccountControls
{
    private const int PageSize = 200;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var accounts = routes.MapGroup("/control/accounts");
        accounts.MapGet("", List);
        accounts.MapGet("/{platform}/{handle}", Get);
        accounts.MapPut("/{platform}/{handle}", Put);
        accounts.MapPost("/{platform}/{handle}/revoke", Revoke);
        accounts.MapPost("/{platform}/{handle}/data-deletion", DeleteData);
        accounts.MapPost("/{platform}/{handle}/lifetimes", SetLifetimes);
        accounts.MapPost("/{platform}/{handle}/expire", Expire);
        accounts.MapPost("/{platform}/{handle}/remove-scope", RemoveScope);
    }

    /// <summary>Accounts, the latest grant first. <paramref name="limit"/> is at most 200.</summary>
    private static IResult List(Desk desk, string? platform = null, string? search = null, int limit = 50)
    {
        var found = desk.Search(platform, search).ToList();
        return Results.Ok(new { items = found.Take(Math.Clamp(limit, 1, PageSize)).Select(desk.View), total = found.Count });
    }

    /// <summary>One account with its grant and its tokens, without the tokens' values. 404 account.unknown.</summary>
    private static IResult Get(string platform, string handle, Desk desk) =>
        desk.Find(platform, handle) is { } account ? Results.Ok(desk.View(account)) : Problem.UnknownAccount(platform, handle);

    /// <summary>Opens an account ahead of its first use, or changes what its profile says. 404 platform.unknown, 422 for a value it cannot have.</summary>
    private static IResult Put(string platform, string handle, ProfileChange change, Desk desk)
    {
        if (change.Followers < 0)
        {
            return Problem.Invalid("followers", "There cannot be fewer than 0 followers.");
        }

        return desk.WithOpened(platform, handle, (kind, account) =>
        {
            if (change.AccountType is not null && kind.AccountTypes.All(t => t.Name != change.AccountType))
            {
                return Problem.Invalid("accountType", $"{kind.Title} knows {string.Join(", ", kind.AccountTypes.Select(t => t.Name))}.");
            }

            return desk.Changed(account, a => a with
            {
                Name = change.Name ?? a.Name,
                Followers = change.Followers ?? a.Followers,
                FollowersAt = change.Followers is null ? a.FollowersAt : desk.Now,
                Type = change.AccountType ?? a.Type,
            });
        });
    }

    /// <summary>
    /// The person removes our application: all tokens die at once, then the platform's signed webhook goes out (unless webhook is false, as when it is lost).
    /// reason is TikTok's (0 unknown, 1 by the user, 2 account deleted, 3 age changed, 4 banned, 5 by the developer). 404 account.unknown.
    /// </summary>
    private static IResult Revoke(string platform, string handle, Desk desk, Removal? removal = null) => desk.With(platform, handle, (kind, account) =>
    {
        var delivery = desk.Revoke(kind, account, removal ?? new());
        return Results.Ok(new { account = desk.View(desk.Find(platform, handle)!), webhook = delivery?.Id });
    });

    /// <summary>The person asks that what we hold be erased. Instagram only: 409 webhook.unsupported elsewhere. 404 account.unknown.</summary>
    private static IResult DeleteData(string platform, string handle, Desk desk) => desk.With(platform, handle, (kind, account) =>
        desk.DeleteData(kind, account) is { } delivery
            ? Results.Ok(new { account = desk.View(desk.Find(platform, handle)!), webhook = delivery.Id })
            : Problem.Of(409, "webhook.unsupported", $"{kind.Title} has no data deletion callback."));

    /// <summary>
    /// How long tokens issued from now on live, in seconds; null is the platform's own lifetime. On Instagram accessSeconds is the long-lived token's;
    /// on Google a refreshSeconds makes the grant time-limited. Opens the account if need be, so that it can be set before the first consent.
    /// 422 if not above 0.
    /// </summary>
    private static IResult SetLifetimes(string platform, string handle, Lifetimes lifetimes, Desk desk) =>
        lifetimes is { AccessSeconds: <= 0 } or { RefreshSeconds: <= 0 }
            ? Problem.Invalid("accessSeconds", "Lifetimes are whole seconds above 0, or null.")
            : desk.WithOpened(platform, handle, (_, account) => desk.Changed(account, a => a with { Lifetimes = lifetimes }));

    /// <summary>
    /// Tokens reach their end of life now and nothing else happens: no webhook, the grant stands. what: all (default), access or refresh.
    /// 404 account.unknown, 422.
    /// </summary>
    private static IResult Expire(string platform, string handle, Desk desk, Expiry? expiry = null) => (expiry?.What ?? "all") switch
    {
        "all" => desk.With(platform, handle, (_, account) => desk.Expire(account, _ => true)),
        "access" => desk.With(platform, handle, (_, account) => desk.Expire(account, t => t.Kind is not TokenKind.Refresh)),
        "refresh" => desk.With(platform, handle, (_, account) => desk.Expire(account, t => t.Kind is TokenKind.Refresh)),
        _ => Problem.Invalid("what", "What expires is all, access or refresh."),
    };

    /// <summary>
    /// The person withdraws one permission; the tokens live on without it. No platform sends a webhook for that.
    /// 404 account.unknown, 422 if it was not granted.
    /// </summary>
    private static IResult RemoveScope(string platform, string handle, ScopeRemoval removal, Desk desk) => desk.With(platform, handle, (_, account) =>
        removal.Scope is not null && account.Allows(removal.Scope)
            ? desk.Changed(account, a => a.WithoutScope(removal.Scope))
            : Problem.Invalid("scope", "The account has not granted this scope."));

    private sealed record ProfileChange(string? Name, long? Followers, string? AccountType);

    private sealed record Expiry(string? What);

    private sealed record ScopeRemoval(string? Scope);
}

/// <param name="Reason">TikTok's reason code; other platforms give none.</param>
/// <param name="Webhook">False: the tokens die and nobody is told.</param>
public sealed record Removal(int? Reason = null, bool Webhook = true);
