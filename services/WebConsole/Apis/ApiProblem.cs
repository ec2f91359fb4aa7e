namespace WebConsole.Apis;

/// <summary>What is wrong with a text somebody wrote, and where.</summary>
public sealed record Flaw(string Member, string Code, string Message, int? Line, int? Column);

/// <summary>Why a service did not do what was asked, in words for the person in front of the page.</summary>
/// <param name="code">The stable code of the problem, for whoever is asked for help.</param>
/// <param name="detail">A sentence the person can act on.</param>
/// <param name="traceId">Under which the telemetry knows the request, where the service said so.</param>
public sealed class ApiProblem(string code, string detail, string? traceId = null) : Exception(detail)
{
    public const string SessionEnded = "session.ended";

    /// <summary>What a cursor pointed at is gone.</summary>
    public const string StaleCursor = "cursor.invalid";

    public string Code => code;

    public string? TraceId => traceId;

    /// <summary>What is wrong with a text, each flaw at its place; empty where the problem is of another kind.</summary>
    public IReadOnlyList<Flaw> Flaws { get; init; } = [];

    /// <summary>What is wrong with a value, by the member of the request.</summary>
    public IReadOnlyDictionary<string, string> Members { get; init; } = new Dictionary<string, string>();

    /// <summary>The service could not be asked at all: trying again may help.</summary>
    public bool IsAway => code.EndsWith(".away", StringComparison.Ordinal);

    /// <summary>Somebody else saved while this was being edited.</summary>
    public bool IsStale => code is "version.stale";
}
