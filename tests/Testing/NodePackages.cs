using System.Diagnostics;

namespace Testing;

/// <summary>What a folder's package-lock.json names, installed once and again only when the lock has changed.</summary>
public static class NodePackages
{
    /// <summary>Installs them. No script of a package is run.</summary>
    public static async Task Install(string folder)
    {
        var (wanted, installed) = (new FileInfo(Path.Combine(folder, "package-lock.json")), new FileInfo(Path.Combine(folder, "node_modules", ".package-lock.json")));
        if (installed.Exists && installed.LastWriteTimeUtc >= wanted.LastWriteTimeUtc)
        {
            return;
        }

        using var npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"])
        {
            WorkingDirectory = folder,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var (output, errors) = (npm.StandardOutput.ReadToEndAsync(), npm.StandardError.ReadToEndAsync());
        await npm.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5));
        if (npm.ExitCode != 0)
        {
            throw new InvalidOperationException($"npm ci failed in {folder}: {await errors}{await output}");
        }
    }
}
