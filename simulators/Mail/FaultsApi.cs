using Microsoft.AspNetCore.Http.HttpResults;

namespace Mail;

/// <summary>Switches mishaps on and off: busy mailboxes, refused content, lost connections, slow answers.</summary>
internal static class FaultsApi
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
            { Code: null, Drop: false, DelayMilliseconds: 0 } => ("code", "Say what goes wrong: code, drop or delayMilliseconds."),
            _ when fault.Text.AsSpan().IndexOfAnyInRange('\0', '\x1f') >= 0 => ("text", "The text is one line."),
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
}
