using System.Threading.Channels;
using MailKit;
using MailKit.Net.Smtp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using MimeKit;
using static Mail.Tests.Simulator;

namespace Mail.Tests;

public sealed class ReportTests
{
    [Fact]
    public async Task What_reports_were_asked_for_is_kept_with_the_message_over_a_restart()
    {
        await using var simulator = await Start();
        await SendTracked(simulator, Letter(), DeliveryStatusNotification.Failure | DeliveryStatusNotification.Delay);
        await simulator.Restart();
        var reports = (await simulator.Received()).ShouldHaveSingleItem().GetProperty("reports");
        reports.GetProperty("envelopeId").GetString().ShouldBe("delivery+1");
        reports.GetProperty("return").GetString().ShouldBe("HDRS");
        var ana = reports.GetProperty("recipients").GetProperty("ana@creators.example");
        ana.GetProperty("notify").EnumerateArray().Select(one => one.GetString()).ShouldBe(["FAILURE", "DELAY"], ignoreOrder: true);
        ana.GetProperty("original").GetString().ShouldBe("rfc822;ana@creators.example");
    }

    [Fact]
    public async Task A_message_that_bounces_is_taken_first_and_comes_back_to_its_sender_and_to_the_webhook()
    {
        await using var webhook = await Webhook.Open();
        await using var simulator = await Start($"--Bounces:WebhookUrl={webhook.Url}", "--Bounces:BearerToken=secret");
        await simulator.SwitchOn(new { at = "Bounce", status = "5.1.1", text = "No such person", to = "ana@" });
        var letter = Letter();
        await SendTracked(simulator, letter, DeliveryStatusNotification.Failure);

        var (authorization, posted) = await webhook.Next();
        authorization.ShouldBe("Bearer secret");
        var report = posted.Body.ShouldBeOfType<MultipartReport>();
        report.ReportType.ShouldBe("delivery-status");
        var groups = report.OfType<MessageDeliveryStatus>().ShouldHaveSingleItem().StatusGroups;
        groups[0]["Original-Envelope-Id"].ShouldBe("delivery+1");
        groups[1]["Final-Recipient"].ShouldBe("rfc822; ana@creators.example");
        groups[1]["Original-Recipient"].ShouldBe("rfc822;ana@creators.example");
        groups[1]["Action"].ShouldBe("failed");
        groups[1]["Status"].ShouldBe("5.1.1");
        report.OfType<TextRfc822Headers>().ShouldHaveSingleItem().Message!.MessageId.ShouldBe(letter.MessageId);

        var kept = (await simulator.Received("?to=outreach@aurora.example&wait=30")).ShouldHaveSingleItem();
        kept.GetProperty("envelopeFrom").GetString().ShouldBe("");
        (await simulator.Received("?to=ana@creators.example")).ShouldHaveSingleItem();
        (await simulator.Http.GetStringAsync("/control/faults", TestContext.Current.CancellationToken)).ShouldBe("""{"items":[]}""");
    }

    [Fact]
    public async Task A_complaint_comes_back_with_the_headers_of_the_message()
    {
        await using var webhook = await Webhook.Open();
        await using var simulator = await Start($"--Bounces:WebhookUrl={webhook.Url}");
        await simulator.SwitchOn(new { at = "Complaint" });
        var letter = Letter();
        await simulator.Send(letter);

        var (authorization, posted) = await webhook.Next();
        authorization.ShouldBe("");
        var report = posted.Body.ShouldBeOfType<MultipartReport>();
        report.ReportType.ShouldBe("feedback-report");
        report.OfType<MessageFeedbackReport>().ShouldHaveSingleItem().Fields["Feedback-Type"].ShouldBe("abuse");
        report.OfType<TextRfc822Headers>().ShouldHaveSingleItem().Message!.MessageId.ShouldBe(letter.MessageId);
    }

    [Fact]
    public async Task A_recipient_whose_bounces_nobody_wants_bounces_in_silence()
    {
        await using var simulator = await Start();
        await simulator.SwitchOn(new { at = "Bounce", status = "5.1.1" });
        await simulator.SwitchOn(new { at = "Bounce", status = "5.1.1", to = "ben@" });
        await SendTracked(simulator, Letter(), DeliveryStatusNotification.Never);
        await simulator.Send(Letter("ben@creators.example"));
        (await simulator.Received("?to=outreach@aurora.example&wait=30")).ShouldHaveSingleItem().GetProperty("text").GetString()!.ShouldContain("ben@creators.example");
    }

    [Fact]
    public async Task News_of_a_delay_says_that_it_is_still_tried()
    {
        await using var simulator = await Start();
        await simulator.SwitchOn(new { at = "Bounce", status = "4.4.1", action = "delayed", delayMilliseconds = 10 });
        await simulator.Send(Letter());
        (await simulator.Received("?to=outreach@aurora.example&wait=30")).ShouldHaveSingleItem().GetProperty("subject").GetString().ShouldBe("Delayed Mail (still being retried)");
    }

    [Theory]
    [InlineData("MAIL FROM:<a@b.example> RET=ALL", "501")]
    [InlineData("MAIL FROM:<a@b.example> RET=full ENVID=x+2By", "250")]
    public async Task Only_what_the_extension_knows_is_taken(string command, string code)
    {
        await using var simulator = await Start();
        using var wire = await (await simulator.Dial()).Greet();
        (await wire.Say(command))!.ShouldStartWith(code);
        if (code == "250")
        {
            (await wire.Say("RCPT TO:<c@d.example> NOTIFY=NEVER,FAILURE"))!.ShouldStartWith("501 ");
            (await wire.Say("RCPT TO:<c@d.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;c@d.example"))!.ShouldStartWith("250 ");
        }
    }

    private static async Task SendTracked(Simulator simulator, MimeMessage letter, DeliveryStatusNotification wanted)
    {
        using var client = new TrackedClient(wanted);
        await simulator.ConnectSafely(client: client);
        client.Capabilities.HasFlag(SmtpCapabilities.Dsn).ShouldBeTrue();
        await client.SendAsync(letter, TestContext.Current.CancellationToken);
        await client.DisconnectAsync(true, TestContext.Current.CancellationToken);
    }

    private sealed class TrackedClient : SmtpClient
    {
        private readonly DeliveryStatusNotification wanted;

        public TrackedClient(DeliveryStatusNotification wanted)
        {
            this.wanted = wanted;
            DeliveryStatusNotificationType = DeliveryStatusNotificationType.HeadersOnly;
        }

        protected override string? GetEnvelopeId(MimeMessage message) => "delivery+1";

        protected override DeliveryStatusNotification? GetDeliveryStatusNotifications(MimeMessage message, MailboxAddress mailbox) => wanted;
    }

    /// <summary>A program that takes reports.</summary>
    private sealed class Webhook(WebApplication app, Channel<(string Authorization, MimeMessage Report)> received) : IAsyncDisposable
    {
        public string Url => $"{app.Urls.Single()}/bounces";

        public static async Task<Webhook> Open()
        {
            var received = Channel.CreateUnbounded<(string, MimeMessage)>();
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            app.MapPost("/bounces", async (HttpRequest request) =>
            {
                request.ContentType.ShouldBe("message/rfc822");
                received.Writer.TryWrite((request.Headers.Authorization.ToString(), await MimeMessage.LoadAsync(request.Body)));
                return Results.NoContent();
            });
            await app.StartAsync(TestContext.Current.CancellationToken);
            return new(app, received);
        }

        public async Task<(string Authorization, MimeMessage Report)> Next() =>
            await received.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30));

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
