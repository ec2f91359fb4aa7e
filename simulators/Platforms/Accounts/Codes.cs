using System.Collections.Concurrent;

namespace Platforms.Accounts;

/// <summary>What an authorization code stands for until it is traded.</summary>
public sealed record IssuedCode(AccountKey Account, string RedirectUri, IReadOnlyList<string> Scopes, DateTimeOffset ExpiresAt)
{
    public string? Challenge { get; init; }

    public string? ChallengeMethod { get; init; }

    public bool WantsRefreshToken { get; init; }

    public string? Nonce { get; init; }
}

/// <summary>Codes live in memory only: they are good for minutes, and nobody misses one after a restart but a browser that can start again.</summary>
public sealed class Codes(PlatformClock clock)
{
    private readonly ConcurrentDictionary<string, IssuedCode> codes = new();
    private int sinceSweep;

    public void Keep(string value, IssuedCode code)
    {
        codes[value] = code;
        if (Interlocked.Increment(ref sinceSweep) % 1000 is 0)
        {
            Sweep();
        }
    }

    public IssuedCode? Peek(string platform, string? value) =>
        value is not null && codes.TryGetValue(value, out var code) && code.Account.Platform == platform && code.ExpiresAt > clock.GetUtcNow() ? code : null;

    /// <summary>Only one caller ever gets a code, however many ask at once.</summary>
    public IssuedCode? Take(string platform, string? value) => Peek(platform, value) is not null && codes.TryRemove(value!, out var code) ? code : null;

    public void Clear() => codes.Clear();

    private void Sweep()
    {
        var now = clock.GetUtcNow();
        foreach (var (value, _) in codes.Where(c => c.Value.ExpiresAt <= now))
        {
            codes.TryRemove(value, out _);
        }
    }
}
