using System.Runtime.InteropServices;
using Demo;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ServiceDefaults;

var builder = Host.CreateApplicationBuilder(args);
builder.AddHostDefaults();
builder.AddServiceTokens();

// What it has to say it says in lines of its own.
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddHttpClient("campaign", http => http.BaseAddress = new("http://campaign")).AddServiceToken();
builder.Services.AddHttpClient("outreach", http => http.BaseAddress = new("http://outreach")).AddServiceToken();
builder.Services.AddHttpClient("mail", http => http.BaseAddress = new("http://mail"));
builder.Services.AddHttpClient("platforms", http => http.BaseAddress = new("http://platforms"));

using var host = builder.Build();
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Ask);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Ask);
try
{
    await host.StartAsync(stop.Token);
    var clients = host.Services.GetRequiredService<IHttpClientFactory>();
    Api To(string name) => new(name, clients.CreateClient(name));
    await new Seeding(To("campaign"), To("outreach"), To("mail"), To("platforms"), TimeProvider.System).Run(stop.Token);
    await host.StopAsync();
    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.Error.WriteLine("demo: stopped before the end; the next run goes on from here.");
    return 2;
}
catch (Exception e) when (e is DemoFailed or HttpRequestException or InvalidOperationException or TaskCanceledException or OptionsValidationException)
{
    Console.Error.WriteLine($"demo: the demo organization is not complete. {e.Message} The next run goes on from here.");
    return 1;
}

void Ask(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
