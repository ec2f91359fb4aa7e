using System.Globalization;

namespace LocalServers;

/// <summary>A folder for servers that live as long as this process. What a killed process left behind, the next one clears away.</summary>
public sealed class ScratchFolder : IDisposable
{
    private const string Prefix = "creator-connections-servers-";

    public ScratchFolder()
    {
        foreach (var folder in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), $"{Prefix}*").Where(IsAbandoned))
        {
            Delete(folder);
        }

        // Not Directory.CreateTempSubdirectory: its folders are closed to the user that PostgreSQL runs as.
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"{Prefix}{Environment.ProcessId}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public void Dispose() => Delete(Path);

    private static bool IsAbandoned(string folder) =>
        int.TryParse(System.IO.Path.GetFileName(folder)[Prefix.Length..].Split('-')[0], CultureInfo.InvariantCulture, out var owner)
        && !File.Exists($"/proc/{owner}/exe");

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another user's, or its servers are just ending: the next start tries again.
        }
    }
}
