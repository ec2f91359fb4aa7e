using Platforms.Accounts;
using Platforms.Webhooks;

namespace Platforms.Control;

/// <summary>What the control API and the control page both do.</summary>
public sealed class Desk(IEnumerable<ISimulatedPlatform> platforms, Ledger ledger, DeliveryLog log, PlatformClock clock)
{
    public IReadOnlyList<ISimulatedPlatform> Platforms { get; } = [.. platforms];

    public ISimulatedPlatform? Platform(string? key) => Platforms.FirstOrDefault(p => p.Key == key);

    public Account? Find(string platform, string handle) => AccountKey.From(platform, handle) is { } key ? ledger.Find(key) : null;

    public IEnumerable<Account> Search(string? platform, string? search) => Platforms
        .Where(p => platform is null || p.Key == platform)
        .SelectMany(p => ledger.All(p.Key))
        .Where(a => string.IsNullOrWhiteSpace(search) || $"{a.Handle} {a.Name}".Contains(search.Trim(), StringComparison.OrdinalIgnoreCase))
        .OrderByDescending(a => a.Grant?.GrantedAt ?? a.OpenedAt);

    public DateTimeOffset Now => clock.GetUtcNow();

    public IResult WithPlatform(string? platform, Func<ISimulatedPlatform, IResult> act) => Platform(platform) is { } kind
        ? act(kind)
        : Problem.Of(404, "platform.unknown", $"The platforms are {string.Join(", ", Platforms.Select(p => p.Key))}.");

    public IResult With(string platform, string handle, Func<ISimulatedPlatform, Account, IResult> act) =>
        Platform(platform) is { } kind && Find(platform, handle) is { } account ? act(kind, account) : Problem.UnknownAccount(platform, handle);

    public IResult WithOpened(string platform, string handle, Func<ISimulatedPlatform, Account, IResult> act) =>
        WithPlatform(platform, kind => AccountKey.From(platform, handle) is { } key
            ? act(kind, ledger.Open(kind, key.Handle, clock.GetUtcNow()))
            : Problem.Invalid("handle", "A handle has letters, digits, dots, dashes and underscores, at most 60 of them."));

    public IResult Changed(Account account, Func<Account, Account> change) => Results.Ok(View(ledger.Change(account.Key, change)!));

    public IResult Expire(Account account, Func<IssuedToken, bool> which) => Changed(account, a => a.Expiring(which, clock.GetUtcNow()));

    /// <summary>The tokens die first: when the webhook arrives, they are dead already.</summary>
    public Delivery? Revoke(ISimulatedPlatform platform, Account account, Removal removal)
    {
        var revoked = ledger.Change(account.Key, a => a.Revoking(clock.GetUtcNow()))!;
        if (!removal.Webhook)
        {
            return null;
        }

        var forge = log.TakeForgery(platform.Key);
        return log.Send(revoked.Key, platform.Removed(revoked, removal.Reason, forge), forge);
    }

    public Delivery? DeleteData(ISimulatedPlatform platform, Account account)
    {
        if (platform.DataDeletion(account, forge: false) is null)
        {
            return null;
        }

        var revoked = ledger.Change(account.Key, a => a.Revoking(clock.GetUtcNow()))!;
        var forge = log.TakeForgery(platform.Key);
        return log.Send(revoked.Key, platform.DataDeletion(revoked, forge)!, forge);
    }

    /// <summary>Trouble begins, or with null ends. Told by the platform's webhook if it has one and that is wanted.</summary>
    public Delivery? SetTrouble(ISimulatedPlatform platform, Account account, Trouble? trouble, bool tell)
    {
        var changed = ledger.Change(account.Key, a => a with { Trouble = trouble })!;
        return tell && platform.NewsOf(trouble?.Kind) is { } news ? Tell(platform, changed, news) : null;
    }

    /// <summary>Null for what the platform cannot say.</summary>
    public Delivery? Tell(ISimulatedPlatform platform, Account account, Announcement news)
    {
        if (platform.Tell(account, news, forge: false) is null)
        {
            return null;
        }

        var forge = log.TakeForgery(platform.Key);
        return log.Send(account.Key, platform.Tell(account, news, forge)!, forge);
    }

    public object View(Account account)
    {
        var now = clock.GetUtcNow();
        return new
        {
            account.Platform,
            account.Handle,
            account.Name,
            account.Id,
            account.ProfileId,
            accountType = account.Type,
            followers = new Activity(account, now).Followers,
            standing = Standing(account),
            scopes = account.Grant?.Scopes,
            grantedAt = account.Grant?.GrantedAt,
            revokedAt = account.Grant?.RevokedAt,
            tokens = account.Tokens.Select(t => new { t.Kind, t.IssuedAt, t.ExpiresAt, live = t.IsLive(now), t.Death }),
            account.Lifetimes,
            account.Fault,
            account.Delay,
            account.Trouble,
        };
    }

    /// <summary>In one word: None, Granted, Expired (nothing left that works, nobody revoked it) or Revoked.</summary>
    public string Standing(Account account)
    {
        var now = clock.GetUtcNow();
        return account switch
        {
            { Grant: null } => "None",
            { Grant.RevokedAt: not null } => "Revoked",
            _ when account.Tokens.Any(t => t.IsLive(now) && t.Kind is not TokenKind.Short) => "Granted",
            _ => "Expired",
        };
    }
}
