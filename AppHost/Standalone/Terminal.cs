namespace Standalone;

/// <summary>Lines with the name of the part before them, each in its colour; the same lines without colour in a file per part.</summary>
internal sealed class Terminal(string logFolder, IEnumerable<string> names) : IDisposable
{
    private static readonly int[] Palette = [36, 33, 35, 32, 34, 96, 93, 95, 92, 94];
    private readonly Lock _lock = new();
    private readonly Dictionary<string, StreamWriter> _files = [];
    private readonly Dictionary<string, int> _colours = names.Select((name, index) => (name, Palette[index % Palette.Length])).ToDictionary();
    private readonly bool _colourful = Environment.GetEnvironmentVariable("NO_COLOR") is null or ""
        && (!Console.IsOutputRedirected || Environment.GetEnvironmentVariable("FORCE_COLOR") is { Length: > 0 });

    public void Line(string name, string text)
    {
        lock (_lock)
        {
            foreach (var line in text.Split('\n'))
            {
                Console.WriteLine(_colourful ? $"\e[{_colours.GetValueOrDefault(name, 37)}m{name,12}\e[0m │ {line}" : $"{name,12} | {line}");
                FileOf(name).WriteLine($"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {line}");
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

    private StreamWriter FileOf(string name)
    {
        if (!_files.TryGetValue(name, out var file))
        {
            Directory.CreateDirectory(logFolder);
            _files[name] = file = new(Path.Combine(logFolder, $"{name}.log")) { AutoFlush = true };
        }

        return file;
    }
}
