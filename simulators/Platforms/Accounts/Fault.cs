namespace Platforms.Accounts;

/// <summary>The next calls fail, in the platform's own error shape.</summary>
/// <param name="Calls">How many are left to fail; null: all of them, until the fault is lifted.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Where">Which calls: at the token endpoints, at the API, or any.</param>
/// <param name="RetryAfterSeconds">Sent as Retry-After when given.</param>
public sealed record Fault(int? Calls, int Status, FaultPlace Where = FaultPlace.Any, int? RetryAfterSeconds = null)
{
    /// <summary>Only calls of this endpoint, by its name in the call log; null: all of them.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Exactly what the error says; null: what the platform says at this status.</summary>
    public FaultWords? Words { get; init; }

    public HangUp HangUp { get; init; }

    /// <summary>What is left once one more call has failed.</summary>
    public Fault? AfterOneCall() => Calls switch
    {
        null => this,
        > 1 => this with { Calls = Calls - 1 },
        _ => null,
    };

    public bool Hits(FaultPlace place, string? endpoint) => (Where is FaultPlace.Any || Where == place) && (Endpoint is null || Endpoint == endpoint);
}

/// <summary>An error in a platform's own words. Each platform has other fields for them: the control API's documentation says which.</summary>
public sealed record FaultWords(string Code, string? Subcode = null, string? Message = null, string? Type = null, bool? Transient = null);

public enum FaultPlace
{
    Any,
    Token,
    Api,
}

/// <summary>Whether the connection is closed instead of an answer.</summary>
public enum HangUp
{
    None,

    /// <summary>Nothing happened at the platform.</summary>
    Before,

    /// <summary>The platform has done what it was asked for, and the answer is lost.</summary>
    After,
}

/// <summary>Each call takes this much longer.</summary>
public sealed record Delay(int Milliseconds, FaultPlace Where = FaultPlace.Any, DelayMoment When = DelayMoment.Before);

public enum DelayMoment
{
    /// <summary>The platform has done nothing yet while it lets the caller wait.</summary>
    Before,

    /// <summary>It has done what it was asked for, and answers late.</summary>
    After,
}
