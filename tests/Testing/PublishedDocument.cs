using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Testing;

/// <summary>
/// A description that clients build on, as it was published: a file below <c>docs</c>. It is compared with what the code says now. Additions are written to
/// the file by <c>UPDATE_DOCUMENTS=yes ./test.sh ...</c>; what would break a client is not, unless it says <c>UPDATE_DOCUMENTS=breaking</c>.
/// </summary>
public static class PublishedDocument
{
    private const string Variable = "UPDATE_DOCUMENTS";
    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The repository's folder.</summary>
    public static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));

    /// <summary>What is wrong with the published file, in a sentence that says what to do; null where it is as the code says.</summary>
    public static string? Flaw(string file, JsonNode current, Func<JsonNode, JsonNode, IReadOnlyList<string>> breaking)
    {
        var path = Path.Combine(Root(), "docs", file);
        var text = current.ToJsonString(Layout) + "\n";
        var published = File.Exists(path) ? File.ReadAllText(path) : null;
        if (published == text)
        {
            return null;
        }

        var update = Environment.GetEnvironmentVariable(Variable);
        var broken = published is null ? [] : breaking(JsonNode.Parse(published)!, current);
        if (broken.Count > 0 && update != "breaking")
        {
            return $"docs/{file} was published, and this would break its clients:\n{string.Join('\n', broken)}\nKeep what was published and add beside it.";
        }

        if (update is null)
        {
            return $"docs/{file} does not say what the code says now; nothing of it breaks a client. Write it with {Variable}=yes ./test.sh, and look at the difference.";
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return null;
    }
}
