using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace EventSourcing;

/// <summary>RFC 9457 problems with a stable <c>code</c> and a sentence a person can act on.</summary>
public static class Problems
{
    /// <summary>One problem. <paramref name="field"/> names the offending field of the request, where there is one.</summary>
    public static ProblemHttpResult Of(int status, string code, string detail, string? field = null)
    {
        var problem = new ProblemDetails { Status = status, Detail = detail, Extensions = { ["code"] = code } };
        if (field is not null)
        {
            problem.Extensions["errors"] = new Dictionary<string, string[]> { [field] = [detail] };
        }

        if (Activity.Current is { } activity)
        {
            problem.Extensions["traceId"] = activity.TraceId.ToHexString();
        }

        return TypedResults.Problem(problem);
    }

    /// <summary>The problem a refusal stands for.</summary>
    public static ProblemHttpResult Of(Decision.Refused refusal) => Of(StatusOf(refusal.Kind), refusal.Code, refusal.Detail, refusal.Field);

    private static int StatusOf(RefusalKind kind) => kind switch
    {
        RefusalKind.Unknown => StatusCodes.Status404NotFound,
        RefusalKind.InvalidValue => StatusCodes.Status422UnprocessableEntity,
        RefusalKind.LostRace => StatusCodes.Status412PreconditionFailed,
        _ => StatusCodes.Status409Conflict,
    };
}
