namespace Platforms.Control;

/// <summary>Refusals of the control API: problem+json with a stable code. The platforms' own errors look different, each its own way.</summary>
public static class Problem
{
    public static IResult UnknownAccount(string platform, string handle) =>
        Of(404, "account.unknown", $"Nobody has used the {platform} account {handle} yet. Accounts appear on their first consent, or by PUT.");

    public static IResult Invalid(string field, string words) => Results.Problem(
        words,
        statusCode: StatusCodes.Status422UnprocessableEntity,
        title: "Invalid value",
        extensions: new Dictionary<string, object?> { ["code"] = "value.invalid", ["errors"] = new Dictionary<string, string[]> { [field] = [words] } });

    public static IResult Of(int status, string code, string words) =>
        Results.Problem(words, statusCode: status, extensions: new Dictionary<string, object?> { ["code"] = code });
}
