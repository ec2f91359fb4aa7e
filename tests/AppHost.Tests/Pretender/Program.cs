using System.Net;
using System.Runtime.InteropServices;

// Pretender <port> [exit <code> | stubborn]: says when it starts and stops, and is healthy.
using var stop = new ManualResetEventSlim();
using var signal = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
{
    context.Cancel = true;
    Console.WriteLine("asked to stop");
    stop.Set();
});
Console.WriteLine($"started by {Environment.GetEnvironmentVariable("GREETING") ?? "nobody"}");
if (args is [_, "exit", var code])
{
    return int.Parse(code, System.Globalization.CultureInfo.InvariantCulture);
}

using var web = new HttpListener();
web.Prefixes.Add($"http://localhost:{args[0]}/");
web.Start();
_ = Task.Run(async () =>
{
    while (web.IsListening)
    {
        var request = await web.GetContextAsync();
        request.Response.StatusCode = request.Request.Url?.AbsolutePath == "/health" ? 200 : 404;
        request.Response.Close();
    }
});
stop.Wait();
return 0;
