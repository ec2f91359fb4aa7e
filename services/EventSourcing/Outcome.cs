using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EventSourcing;

/// <summary>What became of one decision: the stream's state and version after it, and the decision itself.</summary>
/// <param name="Id">The stream.</param>
/// <param name="State">The state after the decision; null when the stream does not exist.</param>
/// <param name="Version">The stream's version after the decision; 0 when it does not exist.</param>
/// <param name="Decision">What was decided.</param>
/// <typeparam name="T">The stream's state.</typeparam>
public sealed record Outcome<T>(Guid Id, T? State, long Version, Decision Decision)
    where T : class
{
    /// <summary>Nothing was saved because the decision was a refusal.</summary>
    public bool IsRefused => Decision is Decision.Refused;

    /// <summary>Facts were appended.</summary>
    public bool IsRecorded => Decision is Decision.Recorded { Events.Count: > 0 };

    /// <summary>The HTTP answer: the refusal as a problem, or what <paramref name="ok"/> makes of the outcome.</summary>
    public Results<TOk, ProblemHttpResult> ToHttp<TOk>(Func<Outcome<T>, TOk> ok)
        where TOk : IResult
        => Decision is Decision.Refused refusal ? Problems.Of(refusal) : ok(this);
}
