using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;

namespace WebConsole.Tests.Outside;

/// <summary>The console as it is run in life: its own process, settings from the environment.</summary>
public sealed class ConsoleProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly ConcurrentQueue<string> output;

    private ConsoleProcess(Process process, ConcurrentQueue<string> output, string address) => (this.process, this.output, Address) = (process, output, address);

    public string Address { get; }

    public static async Task<ConsoleProcess> Start(string authority, Services services, string? state = null, int port = 0)
    {
        var address = $"http://localhost:{(port == 0 ? FreePort() : port)}";
        // Run from its own output, where the manifest of its static files lies.
        var folder = Path.Combine(RepositoryRoot(), "services/WebConsole/bin", BuildConfiguration(), "net10.0");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(folder, "WebConsole.dll")])
        {
            WorkingDirectory = Path.Combine(RepositoryRoot(), "services/WebConsole"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
                ["ASPNETCORE_URLS"] = address,
                ["Authentication__Authority"] = authority,
                ["Authentication__ClientSecret"] = "web-console-secret",
                ["services__campaign__http__0"] = services.Campaign,
                ["services__connections__http__0"] = services.Connections,
                ["services__outreach__http__0"] = services.Outreach,
                ["services__webhooks__http__0"] = services.Webhooks,
                ["State__Directory"] = state,
            },
        };
        var process = Process.Start(start)!;
        var output = new ConcurrentQueue<string>();
        process.OutputDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        var console = new ConsoleProcess(process, output, address);
        await console.Healthy();
        return console;
    }

    /// <summary>What the console has written, for a test that fails.</summary>
    public string Output => string.Join(Environment.NewLine, output);

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    private async Task Healthy()
    {
        using var http = new HttpClient();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await pause.WaitForNextTickAsync(patience.Token))
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"The console ended while starting.{Environment.NewLine}{Output}");
            }

            try
            {
                using var answer = await http.GetAsync($"{Address}/health", patience.Token);
                if (answer.StatusCode is HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
        }
    }

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    private static string BuildConfiguration() => typeof(ConsoleProcess).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "aspire.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
