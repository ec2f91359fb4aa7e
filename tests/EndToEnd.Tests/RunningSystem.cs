using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;
using LocalServers;
using Testing;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>The whole system as run.sh starts it: every service and simulator a process of its own, on free ports, with a state folder of its own.</summary>
public sealed partial class RunningSystem : IAsyncLifetime
{
    private static readonly string[] Web = ["identity", "platforms", "mail", "campaign", "connections", "outreach", "webhooks", "console"];
    private readonly Dictionary<string, int> ports = Web.Append("mail_smtp").Zip(Ports.Free(Web.Length + 1)).ToDictionary(one => one.First, one => one.Second);
    private readonly string state = Directory.CreateTempSubdirectory("cc-end-to-end-").FullName;
    private readonly ConcurrentQueue<string> output = new();
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? system;

    public Uri At(string resource) => new($"http://localhost:{ports[resource]}");

    public async ValueTask InitializeAsync()
    {
        var root = Root();
        var start = new ProcessStartInfo("dotnet", ["AppHost/Standalone/bin/" + Configuration + "/net10.0/Standalone.dll", "--no-demo", "--no-dashboard"])
        {
            WorkingDirectory = root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["STATE_FOLDER"] = state,
                ["ConnectionStrings__postgres"] = await BackingServices.PostgresConnectionString,
                ["ConnectionStrings__rabbitmq"] = (await BackingServices.CreateVirtualHost("end-to-end")).AbsoluteUri,
            },
        };
        foreach (var (name, port) in ports)
        {
            start.Environment[$"PORT_{name.ToUpperInvariant()}"] = port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        system = new Process { StartInfo = start, EnableRaisingEvents = true };
        system.OutputDataReceived += (_, line) => Heard(line.Data);
        system.ErrorDataReceived += (_, line) => Heard(line.Data);
        system.Exited += (_, _) => ready.TrySetException(new InvalidOperationException("The system ended before it was ready:\n" + string.Join('\n', output.TakeLast(60))));
        system.Start();
        system.BeginOutputReadLine();
        system.BeginErrorReadLine();
        try
        {
            await ready.Task.WaitAsync(TimeSpan.FromMinutes(4));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException("The system was not ready in four minutes:\n" + string.Join('\n', output.TakeLast(60)));
        }
    }

    /// <summary>A client of an API with a token of its own.</summary>
    public async Task<HttpClient> Client(string resource, string client = "demo")
    {
        using var identity = new HttpClient { BaseAddress = At("identity") };
        using var response = await identity.PostAsync("/connect/token", new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", client), new("client_secret", $"{client}-secret")]));
        var token = (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString();
        return new HttpClient { BaseAddress = At(resource), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
    }

    public async ValueTask DisposeAsync()
    {
        if (system is { HasExited: false })
        {
            _ = Terminate(system.Id, 15);
            await system.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        }

        system?.Dispose();
        Directory.Delete(state, recursive: true);
    }

    private void Heard(string? line)
    {
        if (line is null)
        {
            return;
        }

        output.Enqueue(line);
        if (line.Contains("ready in ", StringComparison.Ordinal))
        {
            ready.TrySetResult();
        }
    }

    private static string Configuration => typeof(RunningSystem).Assembly.Location.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";

    private static string Root()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at!.FullName, "aspire.sln")))
        {
            at = at.Parent;
        }

        return at.FullName;
    }

    // .NET knows how to kill, not how to ask.
    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Terminate(int process, int signal);
}

[CollectionDefinition(nameof(RunningSystem))]
public sealed class RunningSystemCollection : ICollectionFixture<RunningSystem>;
