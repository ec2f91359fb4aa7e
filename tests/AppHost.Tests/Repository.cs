namespace AppHost.Tests;

internal static class Repository
{
    public static string Root { get; } = Find();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "aspire.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
