namespace Platforms.Accounts;

public enum TokenKind
{
    /// <summary>Instagram only: what a code is traded for, and what a long-lived access token is made from.</summary>
    Short,
    Access,
    Refresh,
}

/// <summary>Why a token died before its time. A token past its time needs no mark.</summary>
public enum TokenDeath
{
    Revoked,
    Rotated,
    Displaced,
}

public sealed record IssuedToken(string Value, TokenKind Kind, DateTimeOffset IssuedAt, DateTimeOffset? ExpiresAt)
{
    public DateTimeOffset? UsedAt { get; init; }

    public TokenDeath? Death { get; init; }

    public bool HasExpired(DateTimeOffset now) => ExpiresAt <= now;

    public bool IsLive(DateTimeOffset now) => Death is null && !HasExpired(now);
}
