using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

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
    return int.Parse(code, CultureInfo.InvariantCulture);
}

// Not HttpListener: its Linux implementation throws on a thread of its own when a client gives up in the middle, and ends the process.
using var web = new TcpListener(IPAddress.Loopback, int.Parse(args[0], CultureInfo.InvariantCulture));
web.Start();
_ = Task.Run(async () =>
{
    while (true)
    {
        _ = Answer(await web.AcceptTcpClientAsync());
    }
});
stop.Wait();
return 0;

static async Task Answer(TcpClient client)
{
    using (client)
    {
        try
        {
            using var reader = new StreamReader(client.GetStream());
            var isHealth = (await reader.ReadLineAsync())?.StartsWith("GET /health ", StringComparison.Ordinal) is true;
            while (await reader.ReadLineAsync() is { Length: > 0 })
            {
            }

            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {(isHealth ? "200 OK" : "404 Not Found")}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        }
        catch (IOException)
        {
            // It has given up.
        }
    }
}
