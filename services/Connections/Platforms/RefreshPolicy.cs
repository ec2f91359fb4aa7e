namespace Connections.Platforms;

/// <summary>When a platform's tokens are renewed and probed. Lengths of life come from its answers, never from here. Section <c>Platforms:{name}:Refresh</c>.</summary>
public sealed class RefreshPolicy
{
    /// <summary>Does a refresh replace the refresh token, so that the one before stops working?</summary>
    public bool Rotates { get; set; }

    /// <summary>Tokens younger than this are not refreshed: the platform would refuse.</summary>
    public TimeSpan MinAge { get; set; }

    /// <summary>Refresh tokens older than this.</summary>
    public TimeSpan? AfterAge { get; set; }

    /// <summary>Refresh when less than this is left of the authorization.</summary>
    public TimeSpan? BeforeEnd { get; set; }

    /// <summary>Refresh when this share (0 to 1) of the access token's life has passed, whether or not somebody needs it.</summary>
    public double? AtShare { get; set; }

    /// <summary>An access token with less life than this is renewed before it is used.</summary>
    public TimeSpan Margin { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Ask with the token this often where nothing else would tell that it is dead.</summary>
    public TimeSpan? ProbeEvery { get; set; }

    /// <summary>When these tokens are to be refreshed, up to a tenth earlier so that tokens of one day do not come all at once; null where nothing is to be done.</summary>
    /// <param name="tokens">The tokens as stored.</param>
    /// <param name="jitter">From 0 to 1, drawn by the caller.</param>
    public DateTimeOffset? NextRefresh(TokenSet tokens, double jitter)
    {
        DateTimeOffset?[] wishes =
        [
            AfterAge is { } age ? tokens.IssuedAt + age : null,
            BeforeEnd is { } left && tokens.RefreshEndsAt is { } end ? end - left : null,
            AtShare is { } share && tokens.AccessEndsAt is { } ends ? Earlier(tokens.IssuedAt + ((ends - tokens.IssuedAt) * share), ends - MarginOf(tokens.IssuedAt, ends)) : null,
        ];
        if (wishes.Min() is not { } wish)
        {
            return null;
        }

        var wait = wish - tokens.IssuedAt;
        var due = Later(tokens.IssuedAt + (wait - (wait * 0.1 * jitter)), tokens.IssuedAt + MinAge);
        return tokens.RefreshEndsAt <= due ? null : due;
    }

    /// <summary>Is so little left of an access token that it is to be renewed before it is used? Never within <see cref="MinAge"/>.</summary>
    public bool IsEnding(DateTimeOffset issuedAt, DateTimeOffset? endsAt, DateTimeOffset now) => endsAt is { } end && end - MarginOf(issuedAt, end) <= now && issuedAt + MinAge <= now;

    // A margin longer than the life it guards would have tokens renewed without end.
    private TimeSpan MarginOf(DateTimeOffset issuedAt, DateTimeOffset endsAt) => Margin < (endsAt - issuedAt) * 0.2 ? Margin : (endsAt - issuedAt) * 0.2;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
