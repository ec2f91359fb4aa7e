using System.Text.Json.Serialization;

namespace Platforms.Accounts;

/// <summary>What the person allowed our application to do.</summary>
public sealed record Grant(IReadOnlyList<string> Scopes, DateTimeOffset GrantedAt, DateTimeOffset? RevokedAt = null);

/// <summary>Overrides the platform's lifetimes for tokens issued from now on. Seconds; null is the platform's own.</summary>
public sealed record Lifetimes(int? AccessSeconds = null, int? RefreshSeconds = null);

/// <summary>A person's account at one platform, with what they granted us and the tokens that came of it. Immutable: the ledger swaps it whole.</summary>
public sealed record Account
{
    // A simulator runs for weeks: what is kept per account has to stay small, or every journal line grows with each refresh.
    private const int DeadTokensKept = 4;
    private const int AccessTokensKept = 8;
    private const int RefreshTokensKept = 100;

    public required string Platform { get; init; }

    public required string Handle { get; init; }

    public required string Name { get; init; }

    /// <summary>The id our application sees: Instagram's app-scoped id, Google's sub, TikTok's open_id.</summary>
    public required string Id { get; init; }

    /// <summary>The id the world sees: Instagram's professional account, the YouTube channel, TikTok's union_id.</summary>
    public required string ProfileId { get; init; }

    public required string Type { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    public required DateTimeOffset MemberSince { get; init; }

    public required string Country { get; init; }

    public long Followers { get; init; }

    /// <summary>When there were so many; null: when the account was opened. They grow from then on.</summary>
    public DateTimeOffset? FollowersAt { get; init; }

    public long Following { get; init; }

    public long Posts { get; init; }

    public long Reactions { get; init; }

    public Grant? Grant { get; init; }

    public IReadOnlyList<IssuedToken> Tokens { get; init; } = [];

    public Lifetimes Lifetimes { get; init; } = new();

    public Fault? Fault { get; init; }

    public Delay? Delay { get; init; }

    /// <summary>What keeps the account from being used, whatever its tokens are worth.</summary>
    public Trouble? Trouble { get; init; }

    [JsonIgnore]
    public AccountKey Key => new(Platform, Handle);

    [JsonIgnore]
    public bool IsGranted => Grant is { RevokedAt: null };

    public bool Allows(string scope) => IsGranted && Grant!.Scopes.Contains(scope);

    public IssuedToken? Token(string value) => Tokens.FirstOrDefault(t => t.Value == value);

    public Account Granting(IEnumerable<string> scopes, DateTimeOffset now) => this with { Grant = new([.. scopes], now) };

    public Account Issuing(DateTimeOffset now, params IEnumerable<IssuedToken> tokens)
    {
        var all = Tokens.Concat(tokens).ToList();
        var live = all.Where(t => t.IsLive(now)).ToList();
        var refresh = live.Where(t => t.Kind is TokenKind.Refresh).TakeLast(RefreshTokensKept);
        var others = live.Where(t => t.Kind is not TokenKind.Refresh).TakeLast(AccessTokensKept);
        var dead = all.Except(live).TakeLast(DeadTokensKept);
        return this with { Tokens = [.. dead.Concat(refresh).Concat(others).OrderBy(t => t.IssuedAt)] };
    }

    public Account Replacing(IssuedToken token) => this with { Tokens = [.. Tokens.Select(t => t.Value == token.Value ? token : t)] };

    /// <summary>The application is removed: everything it ever got stops working.</summary>
    public Account Revoking(DateTimeOffset now) => this with
    {
        Grant = Grant is null ? null : Grant with { RevokedAt = Grant.RevokedAt ?? now },
        Tokens = [.. Tokens.Select(t => t.IsLive(now) ? t with { Death = TokenDeath.Revoked } : t)],
    };

    /// <summary>The end of life is reached now; nothing else happened.</summary>
    public Account Expiring(Func<IssuedToken, bool> which, DateTimeOffset now) => this with
    {
        Tokens = [.. Tokens.Select(t => t.IsLive(now) && which(t) ? t with { ExpiresAt = now } : t)],
    };

    public Account WithoutScope(string scope) => this with { Grant = Grant is null ? null : Grant with { Scopes = [.. Grant.Scopes.Where(s => s != scope)] } };
}
