using LocalServers;

namespace Standalone;

/// <summary>Something the supervisor keeps running.</summary>
/// <param name="Name">Stands before each of its lines.</param>
/// <param name="Needs">Names of the parts that must be ready before this one is started. They are stopped after it.</param>
/// <param name="Launch">Starts it and answers when it is ready. Given: where its lines go, and the supervisor's wish to stop.</param>
internal sealed record Part(string Name, IReadOnlyCollection<string> Needs, Func<Action<string>, CancellationToken, Task<IRunning>> Launch)
{
    /// <summary>The others run without it: its failure is told, and is not the end.</summary>
    public bool IsOptional { get; init; }

    /// <summary>A web process: ready when <paramref name="health"/> answers 200.</summary>
    public static Part Web(string name, IReadOnlyCollection<string> needs, ChildCommand command, Uri health, TimeSpan patience) =>
        new(name, needs, async (output, cancellation) =>
        {
            var journal = new Journal(output);
            var process = await ChildProcess.Start(command, journal.Write);
            try
            {
                using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
                await Until.Ready(name, process, journal, () => IsHealthy(http, health, cancellation), patience, cancellation);
                return process;
            }
            catch
            {
                await process.DisposeAsync();
                throw;
            }
        });

    private static async Task<bool> IsHealthy(HttpClient http, Uri health, CancellationToken cancellation)
    {
        try
        {
            using var response = await http.GetAsync(health, cancellation);
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
