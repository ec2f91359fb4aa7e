using System.Runtime.InteropServices;
using AppHost;
using LocalServers;

namespace Standalone;

/// <summary>
/// Aspire's own dashboard, in the form it has without an app host: the native Aspire CLI comes as an npm package.
/// A convenience: where it cannot be had, the application runs without.
/// </summary>
internal static class Dashboard
{
    public const string Version = "13.5.4";

    private static readonly TimeSpan InstallPatience = TimeSpan.FromMinutes(2);

    /// <summary>The CLI's file, fetched if need be; or null and a sentence that says why not.</summary>
    public static async Task<(string? File, string? Reason)> Fetch(string toolsFolder, Action<string> output)
    {
        if (RuntimeInformation.ProcessArchitecture is not (Architecture.X64 or Architecture.Arm64))
        {
            return (null, $"there is no Aspire CLI for {RuntimeInformation.ProcessArchitecture}");
        }

        var package = $"@microsoft/aspire-cli-linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        var folder = Path.Combine(toolsFolder, $"aspire-{Version}");
        var file = Path.Combine(folder, "node_modules", package, "bin", "aspire");
        if (File.Exists(file))
        {
            return (file, null);
        }

        output($"fetching {package}@{Version} with npm");
        Directory.CreateDirectory(folder);
        using var deadline = new CancellationTokenSource(InstallPatience);
        try
        {
            await ChildProcess.Run(new("npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--loglevel=error", $"{package}@{Version}"), deadline.Token);
            return File.Exists(file) ? (file, null) : (null, $"{package} brings no {file}");
        }
        catch (OperationCanceledException)
        {
            return (null, $"npm did not finish within {InstallPatience.TotalSeconds:0} s");
        }
        catch (InvalidOperationException exception)
        {
            return (null, exception.Message);
        }
    }

    public static Part Part(Resource resource, string file, string toolsFolder) => Standalone.Part.Web(
        resource.Name,
        [],
        new(file, "dashboard", "run", "--nologo", "--non-interactive", "--allow-anonymous",
            "--frontend-url", resource.Address,
            "--otlp-grpc-url", OtlpEndpoint(resource),
            "--otlp-http-url", $"http://localhost:{resource.Ports["otlp-http"]}")
        {
            Environment = new Dictionary<string, string>
            {
                ["ASPIRE_CLI_TELEMETRY_OPTOUT"] = "1",
                ["ASPIRE_HOME"] = Path.Combine(toolsFolder, "aspire-home"),
                ["NO_COLOR"] = "1",
            },
        },
        new(resource.Address),
        TimeSpan.FromSeconds(60)) with
    {
        IsOptional = true,
    };

    public static string OtlpEndpoint(Resource resource) => $"http://localhost:{resource.Ports["otlp"]}";
}
