using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using static Mail.Tests.Simulator;

namespace Mail.Tests;

public sealed class SecurityTests
{
    private const string Name = "--Smtp:UserName=outreach";
    private const string Password = "--Smtp:Password=let me in";

    [Fact]
    public async Task A_conversation_may_go_on_in_TLS_and_many_messages_come_through()
    {
        await using var simulator = await Start();
        using var client = await simulator.ConnectSafely();
        client.IsSecure.ShouldBeTrue();
        for (var number = 0; number < 20; number++)
        {
            await client.SendAsync(Letter(subject: $"Number {number}", text: string.Concat(Enumerable.Repeat("a line of text\n", 500))), TestContext.Current.CancellationToken);
        }

        await client.DisconnectAsync(true, TestContext.Current.CancellationToken);
        (await simulator.Received()).Count.ShouldBe(20);
    }

    [Fact]
    public async Task A_second_port_speaks_TLS_from_the_first_byte()
    {
        await using var simulator = await Start("--Smtp:TlsPort=0");
        using var client = await simulator.ConnectSafely(simulator.TlsPort, SecureSocketOptions.SslOnConnect);
        await client.SendAsync(Letter(), TestContext.Current.CancellationToken);
        (await simulator.Received()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_client_that_was_not_given_the_certificate_does_not_trust_it()
    {
        await using var simulator = await Start();
        using var client = new SmtpClient();
        await Should.ThrowAsync<SslHandshakeException>(() =>
            client.ConnectAsync("localhost", simulator.Port, SecureSocketOptions.StartTls, TestContext.Current.CancellationToken));
        await simulator.Send(Letter());
        (await simulator.Received()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task The_certificate_outlives_a_restart()
    {
        await using var simulator = await Start();
        var before = await simulator.Http.GetStringAsync("/certificate.pem", TestContext.Current.CancellationToken);
        before.ShouldStartWith("-----BEGIN CERTIFICATE-----");
        before.ShouldNotContain("PRIVATE");
        await simulator.Restart();
        (await simulator.Http.GetStringAsync("/certificate.pem", TestContext.Current.CancellationToken)).ShouldBe(before);
        (await File.ReadAllTextAsync(Path.Combine(simulator.State.FullName, "certificate.pem"), TestContext.Current.CancellationToken)).ShouldBe(before);
    }

    [Fact]
    public async Task What_is_said_in_the_clear_after_STARTTLS_is_forgotten()
    {
        await using var simulator = await Start();
        using var wire = await (await simulator.Dial()).Greet();
        await wire.Write("STARTTLS\r\nMAIL FROM:<injected@b.example>\r\n");
        (await wire.Hear())!.ShouldStartWith("220 ");
        // Nothing answers the command that was put in between: the next thing the server understands is TLS.
        await wire.Write("NOOP\r\n");
        (await wire.Hear())?.ShouldNotStartWith("250");
    }

    [Fact]
    public async Task Before_TLS_neither_mail_nor_a_password_is_taken_where_TLS_is_a_must()
    {
        await using var simulator = await Start("--Smtp:RequireTls=true");
        using (var wire = await (await simulator.Dial()).Greet())
        {
            (await wire.Say("MAIL FROM:<a@b.example>"))!.ShouldStartWith("530 5.7.0");
            (await wire.Say("AUTH PLAIN AGEAYg=="))!.ShouldStartWith("538 5.7.11");
        }

        using (var open = await simulator.Connect())
        {
            open.Capabilities.HasFlag(SmtpCapabilities.Authentication).ShouldBeFalse();
            open.Capabilities.HasFlag(SmtpCapabilities.StartTLS).ShouldBeTrue();
        }

        using var client = await simulator.ConnectSafely();
        await client.AuthenticateAsync("anybody", "anything", TestContext.Current.CancellationToken);
        await client.SendAsync(Letter(), TestContext.Current.CancellationToken);
        (await simulator.Received()).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    public async Task Only_the_right_name_and_password_open_a_server_that_has_them(string mechanism)
    {
        await using var simulator = await Start(Name, Password);
        using (var stranger = await Client())
        {
            await Should.ThrowAsync<ServiceNotAuthenticatedException>(() => stranger.SendAsync(Letter(), TestContext.Current.CancellationToken));
            (await Should.ThrowAsync<AuthenticationException>(() => stranger.AuthenticateAsync("outreach", "guess", TestContext.Current.CancellationToken)))
                .Message.ShouldContain("535: 5.7.8");
            await Should.ThrowAsync<AuthenticationException>(() => stranger.AuthenticateAsync("somebody", "let me in", TestContext.Current.CancellationToken));
        }

        using var client = await Client();
        await client.AuthenticateAsync("outreach", "let me in", TestContext.Current.CancellationToken);
        await client.SendAsync(Letter(), TestContext.Current.CancellationToken);
        (await simulator.Received()).ShouldHaveSingleItem();

        async Task<SmtpClient> Client()
        {
            var client = await simulator.ConnectSafely();
            client.AuthenticationMechanisms.RemoveWhere(other => other != mechanism);
            return client;
        }
    }
}
