using System.Runtime.InteropServices;
using Demo;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServiceDefaults;

// With an address to listen at it stays, and fills again when an operator asks.
if (DemoHost.Build(args) is { } desk)
{
    await using (desk)
    {
        await desk.RunAsync();
        return 0;
    }
}

var builder = Host.CreateApplicationBuilder(args);
builder.AddHostDefaults();
builder.AddSeeding();
using var host = builder.Build();
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Ask);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Ask);
try
{
    await host.StartAsync(stop.Token);
    await host.Services.GetRequiredService<Seed>()(stop.Token);
    await host.StopAsync();
    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.Error.WriteLine("demo: stopped before the end; the next run goes on from here.");
    return 2;
}
catch (Exception e) when (e is OptionsValidationException || DemoHost.IsInTheWay(e))
{
    Console.Error.WriteLine($"demo: the demo organization is not complete. {e.Message} The next run goes on from here.");
    return 1;
}

void Ask(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
