using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MimeKit;

namespace Outreach.Tests.Features;

/// <summary>What a mail server does with the messages for one address.</summary>
public enum Manner
{
    Accept,
    BusyOnce,
    NoSuchMailbox,
    RefuseContent,
    HangUpBeforeBody,
    HangUpAfterBody,
    KeepSilentAfterBody,
}

/// <summary>A mail server on a real socket that keeps what it gets and can be as rude as real ones are, per address.</summary>
public sealed class Postbox : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly ConcurrentDictionary<string, Manner> manners = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, ConcurrentQueue<MimeMessage>> received = new(StringComparer.OrdinalIgnoreCase);
    private int conversations;
    private int bodies;
    private int asked;
    private int broken;

    public Postbox()
    {
        listener.Start();
        _ = Listen();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>How many connections were ever opened.</summary>
    public int Conversations => conversations;

    /// <summary>How many bodies came in whole, answered or not.</summary>
    public int Bodies => bodies;

    /// <summary>How many bodies were asked for.</summary>
    public int Asked => asked;

    /// <summary>How many of those ended with the connection instead.</summary>
    public int Broken => broken;

    /// <summary>Called when a body has come in whole and before it is answered.</summary>
    public Func<string, Task> BodyCame { get; set; } = _ => Task.CompletedTask;

    public void Treat(string address, Manner manner) => manners[address] = manner;

    /// <summary>Every message whose body came in whole, answered or not.</summary>
    public IReadOnlyList<MimeMessage> For(string address) =>
        [.. received.GetValueOrDefault(address) ?? []];

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Dispose();
    }

    private async Task Listen()
    {
        while (!stopping.IsCancellationRequested)
        {
            var client = await listener.AcceptTcpClientAsync(stopping.Token);
            Interlocked.Increment(ref conversations);
            _ = Converse(client);
        }
    }

    private async Task Converse(TcpClient client)
    {
        using (client)
        {
            await using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1);
            var address = "";
            var copies = new List<string>();
            await Say("220 postbox");
            while (await reader.ReadLineAsync(stopping.Token) is { } line)
            {
                switch (line.Split(' ', ':')[0].ToUpperInvariant())
                {
                    case "EHLO":
                        await Say("250-postbox\r\n250-8BITMIME\r\n250 PIPELINING");
                        break;
                    case "MAIL":
                        (address, copies) = ("", []);
                        await Say("250 OK");
                        break;
                    case "RCPT" when address.Length > 0:
                        copies.Add(Path(line));
                        await Say(MannerFor(copies[^1]) is Manner.NoSuchMailbox ? "550 5.1.1 no such mailbox" : "250 OK");
                        break;
                    case "RCPT":
                        address = Path(line);
                        await Say(MannerFor(address) switch
                        {
                            Manner.NoSuchMailbox => $"550 5.1.1 <{address}> does not exist",
                            Manner.BusyOnce when manners.TryRemove(address, out _) => "450 4.2.1 try again",
                            _ => "250 OK",
                        });
                        break;
                    case "DATA" when MannerFor(address) is Manner.HangUpBeforeBody && manners.TryRemove(address, out _):
                        return;
                    case "DATA":
                        await Say("354 go on");
                        Interlocked.Increment(ref asked);
                        if (await Body() is not { } message)
                        {
                            // Who hangs up before the end has sent no message.
                            Interlocked.Increment(ref broken);
                            return;
                        }

                        received.GetOrAdd(address, _ => []).Enqueue(message);
                        Interlocked.Increment(ref bodies);
                        copies.ForEach(copy => received.GetOrAdd(copy, _ => []).Enqueue(message));
                        await BodyCame(address);
                        switch (MannerFor(address))
                        {
                            case Manner.HangUpAfterBody:
                                return;
                            case Manner.KeepSilentAfterBody:
                                await reader.ReadLineAsync(stopping.Token);
                                return;
                            case Manner.RefuseContent:
                                await Say("554 5.7.1 no, thank you");
                                break;
                            default:
                                await Say("250 2.0.0 taken");
                                break;
                        }

                        break;
                    case "QUIT":
                        await Say("221 bye");
                        return;
                    default:
                        await Say("250 OK");
                        break;
                }
            }

            Task Say(string answer) => stream.WriteAsync(Encoding.ASCII.GetBytes(answer + "\r\n"), stopping.Token).AsTask();

            async Task<MimeMessage?> Body()
            {
                var body = new StringBuilder();
                for (var text = await reader.ReadLineAsync(stopping.Token); text is not "."; text = await reader.ReadLineAsync(stopping.Token))
                {
                    if (text is null)
                    {
                        return null;
                    }

                    body.Append(text.StartsWith('.') ? text[1..] : text).Append("\r\n");
                }

                return await MimeMessage.LoadAsync(new MemoryStream(Encoding.Latin1.GetBytes(body.ToString())));
            }
        }
    }

    private static string Path(string line) => line[(line.IndexOf('<') + 1)..line.IndexOf('>')];

    private Manner MannerFor(string address) => manners.GetValueOrDefault(address);
}
