using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using MailKit.Net.Smtp;
using Microsoft.AspNetCore.Builder;
using MimeKit;

namespace Mail.Tests;

/// <summary>The simulator on real sockets, one for each test, kept in a directory of its own.</summary>
public sealed class Simulator : IAsyncDisposable
{
    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("mail-tests-");
    private readonly string[] settings;
    private WebApplication app;

    private Simulator(string[] settings)
    {
        this.settings = settings;
        app = Build();
    }

    public HttpClient Http { get; private set; } = null!;

    public DirectoryInfo State => state;

    public int Port => app.SmtpPort();

    public int TlsPort => app.SmtpTlsPort() ?? throw new InvalidOperationException("There is no port for TLS.");

    public static async Task<Simulator> Start(params string[] settings)
    {
        var simulator = new Simulator(settings);
        await simulator.Start();
        return simulator;
    }

    public async Task Stop()
    {
        await app.StopAsync(TestContext.Current.CancellationToken);
        await app.DisposeAsync();
    }

    public async Task Restart()
    {
        await Stop();
        app = Build();
        await Start();
    }

    public async Task<SmtpClient> Connect()
    {
        var client = new SmtpClient();
        await client.ConnectAsync("localhost", app.SmtpPort(), MailKit.Security.SecureSocketOptions.None, TestContext.Current.CancellationToken);
        return client;
    }

    /// <summary>A client that trusts the certificate the simulator gives out, and no other.</summary>
    public async Task<SmtpClient> ConnectSafely(int? port = null, MailKit.Security.SecureSocketOptions security = MailKit.Security.SecureSocketOptions.StartTls, SmtpClient? client = null)
    {
        var trusted = X509Certificate2.CreateFromPem(await Http.GetStringAsync("/certificate.pem", TestContext.Current.CancellationToken));
        client ??= new SmtpClient();
        client.CheckCertificateRevocation = false;
        client.ServerCertificateValidationCallback = (_, presented, _, errors) =>
            !errors.HasFlag(System.Net.Security.SslPolicyErrors.RemoteCertificateNameMismatch) && presented!.GetCertHashString() == trusted.GetCertHashString();
        await client.ConnectAsync("localhost", port ?? Port, security, TestContext.Current.CancellationToken);
        return client;
    }

    public async Task<Wire> Dial() => await Wire.Open(app.SmtpPort());

    public async Task Send(params IEnumerable<MimeMessage> messages)
    {
        using var client = await Connect();
        foreach (var message in messages)
        {
            await client.SendAsync(message, TestContext.Current.CancellationToken);
        }

        await client.DisconnectAsync(true, TestContext.Current.CancellationToken);
    }

    public async Task<IReadOnlyList<JsonElement>> Received(string query = "")
    {
        var page = await Http.GetFromJsonAsync<JsonElement>("/api/messages" + query, TestContext.Current.CancellationToken);
        return [.. page.GetProperty("items").EnumerateArray()];
    }

    public async Task<HttpResponseMessage> SwitchOn(object fault) =>
        await Http.PostAsJsonAsync("/control/faults", fault, TestContext.Current.CancellationToken);

    public static MimeMessage Letter(string to = "ana@creators.example", string subject = "Hello", string text = "Hi Ana", string? html = null)
    {
        var message = new MimeMessage { Subject = subject, Body = new BodyBuilder { TextBody = text, HtmlBody = html }.ToMessageBody() };
        message.From.Add(new MailboxAddress("Aurora Cosmetics", "outreach@aurora.example"));
        message.To.Add(MailboxAddress.Parse(to));
        return message;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        Http.Dispose();
        state.Delete(recursive: true);
    }

    private WebApplication Build() => MailServer.Build(
        ["--urls=http://127.0.0.1:0", "--Smtp:Port=0", $"--State:Directory={state.FullName}", "--Logging:LogLevel:Default=Error", .. settings]);

    private async Task Start()
    {
        await app.StartAsync(TestContext.Current.CancellationToken);
        Http = new() { BaseAddress = new(app.Urls.Single()) };
    }
}

/// <summary>A telnet: says exactly what it is told to, and hears every line.</summary>
public sealed class Wire : IDisposable
{
    private readonly TcpClient client;
    private readonly StreamReader reader;

    private Wire(TcpClient client)
    {
        this.client = client;
        reader = new(client.GetStream(), Encoding.UTF8);
    }

    public static async Task<Wire> Open(int port)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, TestContext.Current.CancellationToken);
        return new(client);
    }

    public async Task Write(string text) => await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken);

    /// <summary>The next line, or null when the server has hung up.</summary>
    public async Task<string?> Hear() => await reader.ReadLineAsync(TestContext.Current.CancellationToken);

    public async Task<string?> Say(string command)
    {
        await Write(command + "\r\n");
        return await Hear();
    }

    /// <summary>Past the greeting.</summary>
    public async Task<Wire> Greet()
    {
        (await Hear())!.ShouldStartWith("220 ");
        (await Say("HELO me"))!.ShouldStartWith("250 ");
        return this;
    }

    public void Dispose()
    {
        reader.Dispose();
        client.Dispose();
    }
}
