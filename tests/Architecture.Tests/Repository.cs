using System.Xml.Linq;

namespace Architecture.Tests;

/// <summary>A project as its file describes it. A reference that is only built, not compiled against, is none.</summary>
internal sealed record Project(string Path, IReadOnlyList<string> Packages, IReadOnlyList<string> References, string Text)
{
    public string Folder => System.IO.Path.GetDirectoryName(Path)!;

    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);
}

internal sealed record Source(string Path, string Text)
{
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);
}

/// <summary>The files of the repository, by paths relative to its root.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<Project> Projects { get; } = [.. Files("*.csproj").Select(Read)];

    public static IReadOnlyList<Project> Services { get; } = [.. Projects.Where(project => project.Folder is "services/Connections" or "services/Outreach" or "services/Campaign" or "services/Webhooks")];

    public static Project Project(string folder) => Projects.Single(project => project.Folder == folder);

    public static IReadOnlyList<Source> Sources(string folder, params string[] patterns) =>
    [
        .. (patterns.Length == 0 ? ["*.cs"] : patterns).SelectMany(pattern => Files(pattern))
            .Where(file => file.StartsWith(folder + "/", StringComparison.Ordinal))
            .Select(file => new Source(file, File.ReadAllText(Path.Combine(Root, file)))),
    ];

    /// <summary>The slices of all services.</summary>
    public static IReadOnlyList<Source> Slices { get; } = [.. Services.SelectMany(service => Sources($"{service.Folder}/Features"))];

    private static IEnumerable<string> Files(string pattern) => Directory.EnumerateFiles(Root, pattern, SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Root, file))
        .Where(file => !file.Split('/').Any(part => part is "bin" or "obj" or "node_modules" or ".run" or "artifacts"))
        .Order(StringComparer.Ordinal);

    private static Project Read(string path)
    {
        var text = File.ReadAllText(Path.Combine(Root, path));
        var elements = XDocument.Parse(text).Descendants().ToList();
        return new(
            path,
            [.. elements.Where(element => element.Name.LocalName == "PackageReference").Select(Include)],
            [
                .. elements.Where(element => element.Name.LocalName == "ProjectReference" && (string?)element.Attribute("ReferenceOutputAssembly") != "false")
                    .SelectMany(element => Include(element).Split(';'))
                    .Select(reference => Path.GetRelativePath(Root, Path.GetDirectoryName(Path.GetFullPath(reference.Replace('\\', '/'), Path.Combine(Root, Path.GetDirectoryName(path)!)))!)),
            ],
            text);
    }

    private static string Include(XElement element) => (string?)element.Attribute("Include") ?? "";

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "aspire.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
