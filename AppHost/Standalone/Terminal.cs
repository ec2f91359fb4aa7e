namespace Standalone;

/// <summary>
/// Lines with the name of the part before them, each in its colour. A terminal that ten processes share is for what needs a person: what only
/// informs goes into a file per part (and to the dashboard), unless everything is asked for.
/// </summary>
internal sealed class Terminal(string logFolder, IEnumerable<string> names, bool everything) : IDisposable
{
    private static readonly int[] Palette = [36, 33, 35, 32, 34, 96, 93, 95, 92, 94];
    private readonly Lock _lock = new();
    private readonly Dictionary<string, StreamWriter> _files = [];
    private readonly Dictionary<string, int> _colours = names.Select((name, index) => (name, Palette[index % Palette.Length])).ToDictionary();
    private readonly bool _colourful = Environment.GetEnvironmentVariable("NO_COLOR") is null or ""
        && (!Console.IsOutputRedirected || Environment.GetEnvironmentVariable("FORCE_COLOR") is { Length: > 0 });

    /// <summary>A line that the part wrote. Servers that are not ours report in ways of their own, so theirs stay in their files.</summary>
    public void Output(string name, string line, bool isOurs)
    {
        if (everything || (isOurs && !line.StartsWith("info: ", StringComparison.Ordinal)))
        {
            Line(name, line);
            return;
        }

        lock (_lock)
        {
            Keep(name, line);
        }
    }

    /// <summary>Something that happened to the part.</summary>
    public void Line(string name, string text)
    {
        lock (_lock)
        {
            foreach (var line in text.Split('\n'))
            {
                Console.WriteLine(_colourful ? $"\e[{_colours.GetValueOrDefault(name, 37)}m{name,12}\e[0m │ {line}" : $"{name,12} | {line}");
                Keep(name, line);
            }
        }
    }

    public void Say(string text)
    {
        lock (_lock)
        {
            Console.WriteLine(text);
        }
    }

    public void Headline(string text) => Say(_colourful ? $"\e[1m{text}\e[0m" : text);

    public void Error(string text)
    {
        lock (_lock)
        {
            Console.Error.WriteLine(_colourful ? $"\e[31m{text}\e[0m" : text);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var file in _files.Values)
            {
                file.Dispose();
            }

            _files.Clear();
        }
    }

    private void Keep(string name, string line)
    {
        if (!_files.TryGetValue(name, out var file))
        {
            Directory.CreateDirectory(logFolder);
            _files[name] = file = new(Path.Combine(logFolder, $"{name}.log")) { AutoFlush = true };
        }

        file.WriteLine($"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {line}");
    }
}
