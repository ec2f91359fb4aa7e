using System.Diagnostics;

namespace Testing;

/// <summary>The public linter for OpenAPI and AsyncAPI documents, with the rules in <c>docs/lint</c>.</summary>
public static class Spectral
{
    /// <summary>What it objects to in a file below <c>docs</c>; empty where it is content.</summary>
    public static async Task<string> Objections(string file)
    {
        var folder = Path.Combine(PublishedDocument.Root(), "docs", "lint");
        await NodePackages.Install(folder);
        using var spectral = Process.Start(new ProcessStartInfo("node",
            ["node_modules/@stoplight/spectral-cli/dist/index.js", "lint", "--ruleset", "ruleset.yaml", "--fail-severity", "warn", "--format", "text", "--quiet", Path.Combine("..", file)])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (spectral.StandardOutput.ReadToEndAsync(), spectral.StandardError.ReadToEndAsync());
        await spectral.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        return spectral.ExitCode == 0 ? "" : $"Spectral ended with {spectral.ExitCode}: {await output}{await errors}";
    }
}
