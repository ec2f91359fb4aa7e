using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MailKit.Net.Smtp;
using static Mail.Tests.Simulator;

namespace Mail.Tests;

public sealed class FaultTests
{
    [Fact]
    public async Task A_busy_mailbox_refuses_as_often_as_told_and_then_takes_the_mail()
    {
        await using var simulator = await Start();
        await simulator.SwitchOn(new { at = "Rcpt", code = 450, text = "4.2.1 Mailbox busy", times = 2 });

        for (var attempt = 0; attempt < 2; attempt++)
        {
            var refused = await Should.ThrowAsync<SmtpCommandException>(() => simulator.Send(Letter()));
            refused.ErrorCode.ShouldBe(SmtpErrorCode.RecipientNotAccepted);
            refused.StatusCode.ShouldBe(SmtpStatusCode.MailboxBusy);
            refused.Message.ShouldContain("Mailbox busy");
        }

        await simulator.Send(Letter());
        (await simulator.Received()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Only_the_recipients_meant_are_refused()
    {
        await using var simulator = await Start();
        await simulator.SwitchOn(new { at = "Rcpt", code = 550, text = "5.1.1 No such person", times = 10, to = "ana@" });

        (await Should.ThrowAsync<SmtpCommandException>(() => simulator.Send(Letter()))).StatusCode.ShouldBe(SmtpStatusCode.MailboxUnavailable);
        await simulator.Send(Letter("ben@creators.example"));
        (await simulator.Received()).Single().GetProperty("to")[0].GetString().ShouldBe("ben@creators.example");
    }

    [Theory]
    [InlineData("Mail", 451)]
    [InlineData("Data", 451)]
    [InlineData("Content", 452)]
    [InlineData("Content", 554)]
    public async Task A_refusal_at_any_stage_reaches_the_client_and_keeps_nothing(string stage, int code)
    {
        await using var simulator = await Start();
        await simulator.SwitchOn(new { at = stage, code, text = "Not now" });

        ((int)(await Should.ThrowAsync<SmtpCommandException>(() => simulator.Send(Letter()))).StatusCode).ShouldBe(code);
        (await simulator.Received()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_connection_lost_before_the_content_leaves_no_message()
    {
        await using var simulator = await Start();
        await simulator.SwitchOn(new { at = "Data", drop = true });
        await Should.ThrowAsync<SmtpProtocolException>(() => simulator.Send(Letter()));
        (await simulator.Received()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task After_a_connection_lost_behind_the_content_the_client_cannot_know_whether_it_was_taken(bool keep, int taken)
    {
        await using var simulator = await Start();
        await simulator.SwitchOn(new { at = "Content", drop = true, keep });
        await Should.ThrowAsync<SmtpProtocolException>(() => simulator.Send(Letter()));
        (await simulator.Received()).Count.ShouldBe(taken);
    }

    [Fact]
    public async Task A_greeting_can_be_a_refusal()
    {
        await using var simulator = await Start();
        await simulator.SwitchOn(new { at = "Connect", code = 421, text = "4.3.2 Not today" });
        using var wire = await simulator.Dial();
        (await wire.Hear()).ShouldBe("421 4.3.2 Not today");
        (await wire.Hear()).ShouldBeNull();
    }

    [Fact]
    public async Task A_delay_outlasts_a_client_with_a_time_limit_and_holds_up_nobody_else()
    {
        await using var simulator = await Start();
        await simulator.SwitchOn(new { at = "Rcpt", delayMilliseconds = 60_000 });
        using (var impatient = await simulator.Connect())
        {
            using var patience = new CancellationTokenSource();
            var sending = impatient.SendAsync(Letter(), patience.Token);
            while ((await Left(simulator)).Length > 0)
            {
                sending.IsCompleted.ShouldBeFalse();
            }

            // The fault has struck: the client is waiting now.
            await patience.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => sending);
        }

        await simulator.Send(Letter());
        (await simulator.Received()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Faults_are_listed_with_what_is_left_of_them_and_can_be_switched_off()
    {
        await using var simulator = await Start();
        (await simulator.SwitchOn(new { at = "Rcpt", code = 450, times = 3 })).StatusCode.ShouldBe(HttpStatusCode.Created);
        await Should.ThrowAsync<SmtpCommandException>(() => simulator.Send(Letter()));

        (await Left(simulator)).Single().GetProperty("times").GetInt32().ShouldBe(2);
        (await simulator.Http.GetStringAsync("/", TestContext.Current.CancellationToken)).ShouldContain("Faults are on");

        await simulator.Http.DeleteAsync("/control/faults", TestContext.Current.CancellationToken);
        await simulator.Send(Letter());
        (await simulator.Received()).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("""{"at":"Rcpt"}""", 422)]
    [InlineData("""{"at":"Rcpt","code":250}""", 422)]
    [InlineData("""{"at":"Rcpt","code":450,"times":0}""", 422)]
    [InlineData("""{"at":"Rcpt","code":450,"text":"two\r\n250 lines"}""", 422)]
    [InlineData("""{"at":"Someday","code":450}""", 422)]
    [InlineData("""{"at":"Bounce"}""", 422)]
    [InlineData("""{"at":"Bounce","status":"2.0.0"}""", 422)]
    [InlineData("""{"at":"Bounce","status":"5.1.1","action":"lost"}""", 422)]
    [InlineData("""{"at":""", 400)]
    public async Task A_fault_that_makes_no_sense_is_refused(string fault, int status)
    {
        await using var simulator = await Start();
        using var body = new StringContent(fault, null, "application/json");
        using var answer = await simulator.Http.PostAsync("/control/faults", body, TestContext.Current.CancellationToken);
        ((int)answer.StatusCode).ShouldBe(status);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        (await Left(simulator)).ShouldBeEmpty();
    }

    private static async Task<JsonElement[]> Left(Simulator simulator)
    {
        var faults = await simulator.Http.GetFromJsonAsync<JsonElement>("/control/faults", TestContext.Current.CancellationToken);
        return [.. faults.GetProperty("items").EnumerateArray()];
    }
}
