extern alias simulator;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Outreach.Channels.Email;

namespace Outreach.Tests.Features;

/// <summary>The mail simulator in this process, on real sockets: a mail server with TLS, login, greylisting and reports.</summary>
internal sealed class MailServer : IAsyncDisposable
{
    public const string UserName = "outreach";
    public const string Password = "let me in";
    private readonly DirectoryInfo state = Directory.CreateTempSubdirectory("outreach-mail-");
    private readonly WebApplication app;

    private MailServer(string[] settings) => app = simulator::Mail.MailServer.Build(
        ["--urls=http://127.0.0.1:0", "--Smtp:Port=0", "--Smtp:TlsPort=0", $"--State:Directory={state.FullName}", "--Logging:LogLevel:Default=Error", .. settings]);

    public HttpClient Http { get; private set; } = null!;

    public string Certificate => Path.Combine(state.FullName, "certificate.pem");

    public static async Task<MailServer> Start(params string[] settings)
    {
        var server = new MailServer(settings);
        await server.app.StartAsync(TestContext.Current.CancellationToken);
        server.Http = new() { BaseAddress = new(server.app.Urls.Single()) };
        return server;
    }

    public SmtpOptions Options(
        SmtpSecurity security = SmtpSecurity.StartTls, string? password = null, string host = "localhost", string? authority = "", string? returnPath = null) => new()
        {
            Host = host,
            Port = security is SmtpSecurity.Tls ? simulator::Mail.MailServer.SmtpTlsPort(app)!.Value : simulator::Mail.MailServer.SmtpPort(app),
            From = "outreach@mail.example",
            ReturnPath = returnPath,
            Security = security,
            CertificateAuthority = authority?.Length == 0 ? Certificate : authority,
            UserName = password is null ? null : UserName,
            Password = password,
            Timeout = TimeSpan.FromSeconds(20),
        };

    public async Task Fault(object fault) =>
        (await Http.PostAsJsonAsync("/control/faults", fault, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();

    public async Task<IReadOnlyList<JsonElement>> Received(string query = "")
    {
        var page = await Http.GetFromJsonAsync<JsonElement>("/api/messages" + query, TestContext.Current.CancellationToken);
        return [.. page.GetProperty("items").EnumerateArray()];
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        Http.Dispose();
        state.Delete(recursive: true);
    }
}
