using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MailKit.Net.Smtp;
using MimeKit;
using static Mail.Tests.Simulator;

namespace Mail.Tests;

public sealed class DeliveryTests
{
    [Fact]
    public async Task A_message_that_is_sent_can_be_read_with_its_parts_and_headers()
    {
        await using var simulator = await Start();
        var letter = Letter(subject: "Schöne Grüße", text: "Hi Ana,\n\nline two\n", html: "<p>Hi <b>Ana</b></p>");
        letter.Headers.Add("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
        await simulator.Send(letter);

        var received = (await simulator.Received()).ShouldHaveSingleItem();
        received.GetProperty("to").EnumerateArray().Select(to => to.GetString()).ShouldBe(["ana@creators.example"]);
        received.GetProperty("from").GetString().ShouldBe("outreach@aurora.example");
        received.GetProperty("subject").GetString().ShouldBe("Schöne Grüße");
        received.GetProperty("text").GetString()!.ReplaceLineEndings("\n").ShouldBe("Hi Ana,\n\nline two\n");
        received.GetProperty("html").GetString().ShouldBe("<p>Hi <b>Ana</b></p>");
        received.GetProperty("headers").GetProperty("List-Unsubscribe-Post").GetString().ShouldBe("List-Unsubscribe=One-Click");
        received.GetProperty("receivedAt").GetDateTimeOffset().ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Lines_that_begin_with_dots_arrive_as_they_were_written()
    {
        await using var simulator = await Start();
        const string text = ".one\n..two\n.\n...\nend.\n";
        await simulator.Send(Letter(text: text));
        (await simulator.Received()).Single().GetProperty("text").GetString()!.ReplaceLineEndings("\n").ShouldBe(text);
    }

    [Fact]
    public async Task Every_recipient_of_the_envelope_is_kept_blind_ones_too()
    {
        await using var simulator = await Start();
        var letter = Letter();
        letter.Cc.Add(MailboxAddress.Parse("ben@creators.example"));
        letter.Bcc.Add(MailboxAddress.Parse("cleo@creators.example"));
        await simulator.Send(letter);

        foreach (var to in (string[])["ana@creators.example", "BEN@creators.example", "cleo@creators.example"])
        {
            (await simulator.Received($"?to={to}")).ShouldHaveSingleItem();
        }

        (await simulator.Received("?to=a@creators.example")).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_server_tells_the_client_what_it_can()
    {
        await using var simulator = await Start("--Smtp:MaxMessageSize=5000");
        using var client = await simulator.Connect();
        client.Capabilities.HasFlag(SmtpCapabilities.Pipelining | SmtpCapabilities.Size | SmtpCapabilities.EightBitMime | SmtpCapabilities.UTF8
            | SmtpCapabilities.EnhancedStatusCodes | SmtpCapabilities.Authentication).ShouldBeTrue();
        client.MaxSize.ShouldBe(5000u);
    }

    [Fact]
    public async Task Any_name_and_password_will_do()
    {
        await using var simulator = await Start();
        foreach (var mechanism in (string[])["PLAIN", "LOGIN"])
        {
            using var client = await simulator.Connect();
            client.AuthenticationMechanisms.RemoveWhere(other => other != mechanism);
            await client.AuthenticateAsync("somebody", "anything", TestContext.Current.CancellationToken);
            client.IsAuthenticated.ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_message_over_the_limit_is_refused_whether_its_size_is_announced_or_not()
    {
        await using var simulator = await Start("--Smtp:MaxMessageSize=5000");
        var large = Letter(text: string.Concat(Enumerable.Repeat("a line of text\n", 400)));
        var refused = await Should.ThrowAsync<SmtpCommandException>(() => simulator.Send(large));
        refused.StatusCode.ShouldBe(SmtpStatusCode.ExceededStorageAllocation);

        using var wire = await (await simulator.Dial()).Greet();
        (await wire.Say("MAIL FROM:<a@b.example>"))!.ShouldStartWith("250 ");
        (await wire.Say("RCPT TO:<c@d.example>"))!.ShouldStartWith("250 ");
        (await wire.Say("DATA"))!.ShouldStartWith("354 ");
        await wire.Write(string.Concat(Enumerable.Repeat("a line of text\r\n", 400)));
        (await wire.Say("."))!.ShouldStartWith("552 5.3.4 ");
        // The conversation goes on: the refused message is out of the way.
        (await wire.Say("NOOP"))!.ShouldStartWith("250 ");
        (await simulator.Received()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Many_clients_at_once_lose_no_message()
    {
        await using var simulator = await Start();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(client =>
            simulator.Send(Enumerable.Range(0, 50).Select(number => Letter($"c{client}-{number}@creators.example")))));

        var received = await simulator.Received("?limit=1000");
        received.Select(message => message.GetProperty("to")[0].GetString()).Distinct().Count().ShouldBe(400);
    }

    [Fact]
    public async Task Mail_outlives_a_restart_and_the_oldest_makes_room()
    {
        await using var simulator = await Start("--Mailbox:Capacity=3");
        for (var number = 1; number <= 8; number++)
        {
            await simulator.Send(Letter(subject: $"Number {number}", text: $"text {number}"));
        }

        string?[] newest = ["Number 8", "Number 7", "Number 6"];
        (await simulator.Received()).Select(message => message.GetProperty("subject").GetString()).ShouldBe(newest);
        await simulator.Restart();
        var kept = await simulator.Received();
        kept.Select(message => message.GetProperty("subject").GetString()).ShouldBe(newest);
        kept[0].GetProperty("text").GetString()!.Trim().ShouldBe("text 8");
        simulator.State.GetFiles("mail-*.log").Length.ShouldBeLessThanOrEqualTo(2);

        await simulator.Send(Letter(subject: "Number 9"));
        (await simulator.Received()).Select(message => message.GetProperty("subject").GetString()).ShouldBe(["Number 9", "Number 8", "Number 7"]);
    }

    [Fact]
    public async Task Half_a_message_left_by_a_killed_process_harms_no_other()
    {
        await using var simulator = await Start();
        await simulator.Send(Letter(subject: "Whole"), Letter(subject: "Half"));
        await simulator.Stop();
        var file = simulator.State.GetFiles("mail-*.log").Single();
        using (var stream = file.OpenWrite())
        {
            stream.SetLength(file.Length - 20);
        }

        await simulator.Restart();
        await simulator.Send(Letter(subject: "Next"));
        await simulator.Restart();
        (await simulator.Received()).Select(message => message.GetProperty("subject").GetString()).ShouldBe(["Next", "Whole"]);
    }

    [Fact]
    public async Task An_emptied_mailbox_stays_empty_after_a_restart()
    {
        await using var simulator = await Start();
        await simulator.Send(Letter());
        (await simulator.Http.DeleteAsync("/api/messages", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await simulator.Received()).ShouldBeEmpty();
        await simulator.Restart();
        (await simulator.Received()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Whoever_waits_for_mail_gets_it_as_soon_as_it_comes()
    {
        await using var simulator = await Start();
        var waiting = simulator.Received("?to=ana@creators.example&wait=30");
        await simulator.Send(Letter("ben@creators.example"), Letter());
        (await waiting).Single().GetProperty("to")[0].GetString().ShouldBe("ana@creators.example");
    }

    [Fact]
    public async Task The_source_is_the_message_as_it_came()
    {
        await using var simulator = await Start();
        using var wire = await (await simulator.Dial()).Greet();
        await wire.Write("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");
        (await wire.Hear(), await wire.Hear(), await wire.Hear()).Item3!.ShouldStartWith("354 ");
        (await wire.Say("Subject: bare\r\n\r\none\ntwo\r\n..three\r\n."))!.ShouldStartWith("250 ");

        var id = (await simulator.Received()).Single().GetProperty("id").GetString();
        // The bare line feed is text, not the end of a line.
        var source = await simulator.Http.GetStringAsync($"/api/messages/{id}/source", TestContext.Current.CancellationToken);
        source.ShouldBe("Subject: bare\r\n\r\none\ntwo\r\n.three\r\n");
    }

    [Fact]
    public async Task It_says_that_it_is_healthy()
    {
        await using var simulator = await Start();
        var health = await simulator.Http.GetFromJsonAsync<JsonElement>("/health", TestContext.Current.CancellationToken);
        health.GetProperty("status").GetString().ShouldBe("Healthy");
        (await simulator.Http.GetAsync("/alive", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
