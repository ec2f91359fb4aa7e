using Outreach.Channels;
using Outreach.Channels.Email;

namespace Outreach.Tests.Features;

public sealed class ChannelTests
{
    private const string Address = "ana@creators.example";
    private static readonly Guid Delivery = Guid.CreateVersion7();

    [Theory]
    [InlineData(SmtpSecurity.StartTls)]
    [InlineData(SmtpSecurity.Tls)]
    public async Task A_message_goes_through_TLS_login_and_greylisting(SmtpSecurity security)
    {
        await using var server = await MailServer.Start(
            "--Smtp:RequireTls=true", $"--Smtp:UserName={MailServer.UserName}", $"--Smtp:Password={MailServer.Password}", "--Smtp:Greylist=true");
        (await Send(server.Options(security, MailServer.Password), Parcel(), Parcel(attempt: 2))).ShouldBe([new Answer.TryLater("greylisted", "4.7.1"), new Answer.Accepted()]);

        var reports = (await server.Received()).ShouldHaveSingleItem().GetProperty("reports");
        reports.GetProperty("envelopeId").GetString().ShouldBe($"{Delivery:N}.2");
        reports.GetProperty("return").GetString().ShouldBe("HDRS");
        reports.GetProperty("recipients").GetProperty(Address).GetProperty("notify").EnumerateArray().Select(one => one.GetString())
            .ShouldBe(["FAILURE", "DELAY"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_server_that_refuses_the_password_can_send_nothing_and_no_recipient_is_to_blame()
    {
        await using var server = await MailServer.Start($"--Smtp:UserName={MailServer.UserName}", $"--Smtp:Password={MailServer.Password}");
        await Should.ThrowAsync<ChannelUnavailable>(() => Send(server.Options(password: "a guess"), Parcel()));
        (await Send(server.Options(), Parcel())).ShouldBe([new Answer.TryLater("login-refused")]);
        (await server.Received()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(SmtpSecurity.StartTls)]
    [InlineData(SmtpSecurity.Tls)]
    [InlineData(SmtpSecurity.StartTlsWhenAvailable)]
    public async Task A_server_whose_certificate_leads_nowhere_gets_nothing(SmtpSecurity security)
    {
        await using var server = await MailServer.Start();
        await using var other = await MailServer.Start();
        foreach (var authority in (string?[])[null, other.Certificate, "/nowhere/certificate.pem"])
        {
            await Should.ThrowAsync<ChannelUnavailable>(() => Send(server.Options(security, authority: authority), Parcel()));
        }

        (await Send(server.Options(security), Parcel())).ShouldBe([new Answer.Accepted()]);
        (await server.Received()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_trusted_certificate_of_another_name_gets_nothing()
    {
        await using var server = await MailServer.Start();
        (await Send(server.Options(host: "127.0.0.1"), Parcel())).ShouldBe([new Answer.Accepted()]);
        // Some name of this machine that the certificate does not have.
        await Should.ThrowAsync<ChannelUnavailable>(() => Send(server.Options(host: "127.0.0.2"), Parcel()));
    }

    [Fact]
    public async Task A_refused_copy_does_not_fail_the_message_and_nobody_hears_of_its_bounce()
    {
        await using var server = await MailServer.Start();
        var parcel = Parcel() with { Sender = new("Aurora", "maya@aurora.example", "answers@aurora.example", "talent@aurora.example", Pace.Free) };
        await server.Fault(new { at = "Rcpt", code = 550, text = "5.1.1 nobody here", to = "talent@" });
        (await Send(server.Options(returnPath: "bounces@mail.example"), parcel, parcel with { Attempt = 2 })).ShouldBe([new Answer.Accepted(), new Answer.Accepted()]);

        var received = await server.Received();
        received.Count.ShouldBe(2);
        received[1].GetProperty("to").EnumerateArray().Select(one => one.GetString()).ShouldBe([Address]);
        received[0].GetProperty("to").EnumerateArray().Select(one => one.GetString()).ShouldBe([Address, "talent@aurora.example"]);
        received[0].GetProperty("reports").GetProperty("recipients").GetProperty("talent@aurora.example").GetProperty("notify")[0].GetString().ShouldBe("NEVER");
        received[0].GetProperty("envelopeFrom").GetString().ShouldBe("bounces@mail.example");
        received[0].GetProperty("from").GetString().ShouldBe("maya@aurora.example");
        received[0].GetProperty("headers").GetProperty("Reply-To").GetString().ShouldBe("answers@aurora.example");
    }

    [Fact]
    public async Task Where_the_recipient_is_refused_the_copy_gets_nothing_either_and_the_next_message_goes_out()
    {
        await using var server = await MailServer.Start();
        var parcel = Parcel() with { Sender = new(null, "outreach@mail.example", null, "talent@aurora.example", Pace.Free) };
        await server.Fault(new { at = "Rcpt", code = 550, text = "5.2.1 <ana@creators.example> is closed", to = "ana@" });
        (await Send(server.Options(), parcel, parcel with { Attempt = 2 })).ShouldBe([new Answer.Refused("mailbox-disabled", "5.2.1"), new Answer.Accepted()]);
        (await server.Received()).ShouldHaveSingleItem().GetProperty("reports").GetProperty("envelopeId").GetString().ShouldBe($"{Delivery:N}.2");
    }

    [Fact]
    public async Task A_recipient_who_is_the_copy_too_gets_one_message()
    {
        await using var server = await MailServer.Start();
        await Send(server.Options(), Parcel() with { Sender = new(null, "outreach@mail.example", null, Address.ToUpperInvariant(), Pace.Free) });
        (await server.Received()).ShouldHaveSingleItem().GetProperty("to").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task The_link_to_unsubscribe_arrives_in_one_piece()
    {
        await using var server = await MailServer.Start();
        var link = new Uri($"https://outreach.example/u/{new string('a', 200)}.{new string('b', 300)}");
        await Send(server.Options(), Parcel() with { Unsubscribe = new("aurora", link) });
        var headers = (await server.Received()).ShouldHaveSingleItem().GetProperty("headers");
        headers.GetProperty("List-Unsubscribe").GetString().ShouldBe($"<{link}>");
        headers.GetProperty("List-Unsubscribe-Post").GetString().ShouldBe("List-Unsubscribe=One-Click");
        headers.GetProperty("List-Id").GetString().ShouldBe("<aurora.outreach.mail.example>");
    }

    [Fact]
    public async Task A_message_that_is_not_allowed_to_leave_does_not_though_the_server_has_asked_for_it_and_the_next_one_goes_out()
    {
        await using var postbox = new Postbox();
        var options = new SmtpOptions { Host = "127.0.0.1", Port = postbox.Port, From = "outreach@mail.example", Security = SmtpSecurity.None };
        await using var channel = new EmailChannel(options, TimeProvider.System);
        var mayLeave = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (var line = await channel.Open(TestContext.Current.CancellationToken))
        {
            var sending = line.Send(Parcel(), mayLeave.Task);
            await Eventually.Get(() => postbox.Asked, asked => asked == 1, "the server has asked for the body");
            sending.IsCompleted.ShouldBeFalse();
            mayLeave.SetResult(false);
            (await sending).ShouldBe(new Answer.TryLater("connection-lost"));
            line.IsOpen.ShouldBeFalse();
        }

        await Eventually.Get(() => postbox.Broken, broken => broken == 1, "the server has seen the connection end");
        (await Send(options, Parcel(attempt: 2))).ShouldBe([new Answer.Accepted()]);
        postbox.For(Address).ShouldHaveSingleItem().MessageId.ShouldStartWith($"{Delivery:N}.2@");
    }

    [Fact]
    public async Task A_message_whose_connection_breaks_before_it_may_leave_is_not_in_doubt()
    {
        await using var postbox = new Postbox();
        var options = new SmtpOptions { Host = "127.0.0.1", Port = postbox.Port, From = "outreach@mail.example", Security = SmtpSecurity.None, Timeout = TimeSpan.FromSeconds(1) };
        await using var channel = new EmailChannel(options, TimeProvider.System);
        await using var line = await channel.Open(TestContext.Current.CancellationToken);
        (await line.Send(Parcel(), new TaskCompletionSource<bool>().Task)).ShouldBe(new Answer.TryLater("connection-lost"));
        postbox.Bodies.ShouldBe(0);
        postbox.Asked.ShouldBe(1);
    }

    private static async Task<IReadOnlyList<Answer>> Send(SmtpOptions options, params Parcel[] parcels)
    {
        await using var channel = new EmailChannel(options, TimeProvider.System);
        await using var line = await channel.Open(TestContext.Current.CancellationToken);
        var answers = new List<Answer>();
        foreach (var parcel in parcels)
        {
            answers.Add(await line.Send(parcel, Task.FromResult(true)));
        }

        return answers;
    }

    private static Parcel Parcel(int attempt = 1) => new(Delivery, attempt, "Ana Lima", Address, "Aurora Collective", new("Hello", "Hi Ana", "<p>Hi Ana</p>"));
}
