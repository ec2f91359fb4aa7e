using System.Security.Cryptography;
using System.Text;

namespace Standalone;

/// <summary>What a run keeps for the next one: .run in the root of the checkout, or the folder that STATE_FOLDER names, so that two systems can run side by side.</summary>
internal sealed class StateFolder(string root)
{
    // Nothing in there depends on the data, and fetching it again takes time.
    private const string Tools = "tools";

    public string Path { get; } = Environment.GetEnvironmentVariable("STATE_FOLDER") is { Length: > 0 } named ? System.IO.Path.GetFullPath(named) : System.IO.Path.Combine(root, ".run");

    public string Logs => System.IO.Path.Combine(Path, "logs");

    public string ToolsFolder => System.IO.Path.Combine(Path, Tools);

    public string RabbitMq => System.IO.Path.Combine(Path, "rabbitmq");

    /// <summary>
    /// PostgreSQL refuses to run as root, so root runs it as the user postgres. Where that user cannot reach the checkout (/root is closed to others),
    /// its data lies in /var/lib instead.
    /// </summary>
    public string Postgres => !Environment.IsPrivilegedProcess || EverybodyReaches(Path) ? System.IO.Path.Combine(Path, "postgres") : PostgresElsewhere;

    private string PostgresElsewhere =>
        System.IO.Path.Combine("/var/lib/creator-connections", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path)))[..12]);

    public void Reset()
    {
        if (Directory.Exists(PostgresElsewhere))
        {
            Directory.Delete(PostgresElsewhere, recursive: true);
        }

        if (!Directory.Exists(Path))
        {
            return;
        }

        foreach (var folder in Directory.EnumerateDirectories(Path).Where(folder => System.IO.Path.GetFileName(folder) != Tools))
        {
            Directory.Delete(folder, recursive: true);
        }

        foreach (var file in Directory.EnumerateFiles(Path))
        {
            File.Delete(file);
        }
    }

    private static bool EverybodyReaches(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if (at.Exists && !OperatingSystem.IsWindows() && !at.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
            {
                return false;
            }
        }

        return true;
    }
}
