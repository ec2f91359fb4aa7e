using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Mail;

/// <summary>Switches mishaps on and off: busy mailboxes, refused content, lost connections, slow answers.</summary>
internal static partial class FaultsApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/control/faults", (Faults faults) => new { items = faults.All });
        routes.MapPost("/control/faults", Add);
        routes.MapDelete("/control/faults", (Faults faults) =>
        {
            faults.Clear();
            return TypedResults.NoContent();
        });
    }

    private static Results<Created<Fault>, ProblemHttpResult> Add(Fault fault, Faults faults)
    {
        var problem = fault switch
        {
            { Times: < 1 } => ("times", "A fault strikes at least once."),
            { Code: < 400 or > 599 } => ("code", "The code of a refusal lies between 400 and 599."),
            { DelayMilliseconds: < 0 or > 600_000 } => ("delayMilliseconds", "Wait between nothing and ten minutes."),
            _ when fault.Text.AsSpan().IndexOfAnyInRange('\0', '\x1f') >= 0 => ("text", "The text is one line."),
            { At: Stage.Bounce, Status: null } => ("status", "Say why it comes back: a status as 5.1.1."),
            { At: Stage.Bounce } when !StatusCode().IsMatch(fault.Status!) => ("status", "A status is 4 or 5 and two more numbers: 5.1.1."),
            { Action: not ("failed" or "delayed") } => ("action", "Either failed or delayed."),
            { At: Stage.Bounce or Stage.Complaint } => default,
            { Code: null, Drop: false, DelayMilliseconds: 0 } => ("code", "Say what goes wrong: code, drop or delayMilliseconds."),
            _ => default,
        };
        if (problem.Item1 is not null)
        {
            return TypedResults.Problem(problem.Item2, statusCode: 422, extensions: new Dictionary<string, object?>
            {
                ["code"] = "fault.invalid",
                ["errors"] = new Dictionary<string, string[]> { [problem.Item1] = [problem.Item2] },
            });
        }

        faults.Add(fault);
        return TypedResults.Created("/control/faults", fault);
    }

    [GeneratedRegex(@"^[45]\.\d{1,3}\.\d{1,3}$")]
    private static partial Regex StatusCode();
}
