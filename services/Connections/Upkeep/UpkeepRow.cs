using Connections.Platforms;

namespace Connections.Upkeep;

/// <summary>How a connection stands with those who keep it alive. Connections that need no more care have no row.</summary>
public enum UpkeepState
{
    /// <summary>Connected: refreshed and probed.</summary>
    Green,

    /// <summary>The account is locked: asked now and then whether it works again.</summary>
    Suspended,

    /// <summary>Believed dead, though the platform never said it plainly: asked for some days whether it works after all.</summary>
    Lost,
}

/// <summary>A refusal that is not believed yet.</summary>
/// <param name="Rule">The row of the platform's decision table.</param>
/// <param name="Source">Where it was met: <c>refresh</c>, <c>probe</c> or <c>api</c>.</param>
/// <param name="Code">The platform's own code.</param>
/// <param name="Since">When it was first said (UTC).</param>
/// <param name="Asks">How often it was said.</param>
public sealed record Suspicion(string Rule, string Source, string Code, DateTimeOffset Since, int Asks);

/// <summary>What has to be known to keep one connection alive: its tokens, their clocks, and what is to be done next. One row, one writer at a time.</summary>
public sealed record UpkeepRow
{
    public required string Organization { get; init; }

    public required Guid ConnectionId { get; init; }

    public required Guid CreatorId { get; init; }

    public required string Platform { get; init; }

    public UpkeepState State { get; init; }

    /// <summary>Grows with every new set of tokens.</summary>
    public long Version { get; init; } = 1;

    /// <summary>The sealed tokens.</summary>
    public required byte[] Sealed { get; init; }

    /// <summary>What is granted, in the platform's spelling.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    public required DateTimeOffset GrantedAt { get; init; }

    public required DateTimeOffset IssuedAt { get; init; }

    public DateTimeOffset? AccessEndsAt { get; init; }

    /// <summary>Known end of life of the authorization; null where the platform names none.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    public DateTimeOffset? RefreshAt { get; init; }

    public DateTimeOffset? ProbeAt { get; init; }

    /// <summary>When it is looked at next; while it is leased, when the lease ends.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>A refresh was or may have been sent whose answer was never stored, be it that none came or that its holder died: the platform may have replaced the token.</summary>
    public bool AnswerLost { get; init; }

    /// <summary>Passing failures in a row.</summary>
    public int Failures { get; init; }

    /// <summary>Something would have changed, but so much fails at this platform that nothing is believed now.</summary>
    public bool IsHeld { get; init; }

    public Suspicion? Suspicion { get; init; }

    /// <summary>The version whose access token an API refused.</summary>
    public long? RejectedVersion { get; init; }

    /// <summary>The last failure, for people who look.</summary>
    public string? Trouble { get; init; }

    public DateTimeOffset? TroubleAt { get; init; }

    public DateTimeOffset? LostAt { get; init; }

    /// <summary>The end of life that others were last told.</summary>
    public DateTimeOffset? ToldEndsAt { get; init; }

    /// <summary>The last warning given about this end of life, in days before it.</summary>
    public int? WarnedDays { get; init; }

    /// <summary>When a warning or the end is due.</summary>
    public DateTimeOffset? ClockAt { get; init; }

    /// <summary>A new connection's row, or that of one reconnected.</summary>
    public static UpkeepRow Of(
        string organization, Guid connection, Guid creator, PlatformOptions platform, TokenSet tokens, byte[] sealedTokens, IReadOnlyList<string> scopes, DateTimeOffset now, Warnings warnings, double jitter)
    {
        var row = new UpkeepRow
        {
            Organization = organization,
            ConnectionId = connection,
            CreatorId = creator,
            Platform = platform.Key,
            Sealed = sealedTokens,
            Scopes = scopes,
            GrantedAt = now,
            IssuedAt = tokens.IssuedAt,
            ToldEndsAt = tokens.RefreshEndsAt,
            WarnedDays = warnings.SkippedBy(now, tokens.RefreshEndsAt),
        };
        return row.With(tokens, platform.Refresh, now, warnings, jitter);
    }

    /// <summary>The row with the clocks of these tokens, and whatever they make due.</summary>
    public UpkeepRow With(TokenSet tokens, RefreshPolicy policy, DateTimeOffset now, Warnings warnings, double jitter)
    {
        // A later end than before makes earlier warnings void.
        var warned = tokens.RefreshEndsAt > EndsAt ? warnings.SkippedBy(now, tokens.RefreshEndsAt) : WarnedDays;
        return (this with
        {
            IssuedAt = tokens.IssuedAt,
            AccessEndsAt = tokens.AccessEndsAt,
            EndsAt = tokens.RefreshEndsAt,
            RefreshAt = policy.NextRefresh(tokens, jitter),
            ProbeAt = now + policy.ProbeEvery,
            AnswerLost = false,
            Failures = 0,
            WarnedDays = warned,
            ClockAt = warnings.NextAt(tokens.RefreshEndsAt, warned),
        }).Rested();
    }

    /// <summary>Nothing but the usual is due.</summary>
    public UpkeepRow Rested() => this with { DueAt = new[] { RefreshAt, ProbeAt }.Min() };
}
