using static Mail.Tests.Simulator;

namespace Mail.Tests;

public sealed class ConversationTests
{
    [Fact]
    public async Task Commands_sent_all_at_once_are_answered_one_by_one_in_order()
    {
        await using var simulator = await Start();
        using var wire = await simulator.Dial();
        await wire.Hear();
        await wire.Write("HELO me\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nRCPT TO:<nobody>\r\nDATA\r\n");
        string?[] answers = [await wire.Hear(), await wire.Hear(), await wire.Hear(), await wire.Hear(), await wire.Hear()];
        answers.Select(answer => answer![..3]).ShouldBe(["250", "250", "250", "501", "354"]);

        // The end of the content and two further commands in one packet.
        await wire.Write("Subject: piped\r\n\r\nHi\r\n.\r\nNOOP\r\nQUIT\r\n");
        (await wire.Hear())!.ShouldStartWith("250 2.0.0 Taken");
        (await wire.Hear())!.ShouldStartWith("250 2.0.0 Ok");
        (await wire.Hear())!.ShouldStartWith("221 ");
        (await wire.Hear()).ShouldBeNull();
        (await simulator.Received()).Single().GetProperty("subject").GetString().ShouldBe("piped");
    }

    [Fact]
    public async Task Commands_cut_into_pieces_are_put_together()
    {
        await using var simulator = await Start();
        using var wire = await simulator.Dial();
        await wire.Hear();
        foreach (var piece in (string[])["HE", "LO me\r", "\n"])
        {
            await wire.Write(piece);
        }

        (await wire.Hear())!.ShouldStartWith("250 ");
    }

    [Theory]
    [InlineData("MAIL FROM:<a@b.example>", "503")]
    [InlineData("EHLO", "501")]
    [InlineData("FLY", "500")]
    [InlineData("VRFY ana", "252")]
    [InlineData("AUTH PLAIN", "503")]
    public async Task A_client_that_has_not_said_hello_is_told_so(string command, string code)
    {
        await using var simulator = await Start();
        using var wire = await simulator.Dial();
        await wire.Hear();
        (await wire.Say(command))!.ShouldStartWith(code);
    }

    [Theory]
    [InlineData("RCPT TO:<c@d.example>", "503")]
    [InlineData("DATA", "503")]
    [InlineData("MAIL FROM: a@b.example", "501")]
    [InlineData("MAIL FROM:<a b@c>", "501")]
    [InlineData("MAIL FROM:<a@b.example> SIZE=99999999", "552")]
    [InlineData("MAIL FROM:<>", "250")]
    [InlineData("mail from:<a@b.example> BODY=8BITMIME", "250")]
    [InlineData("MAIL FROM:<@relay.example:a@b.example>", "250")]
    [InlineData("AUTH NTLM", "504")]
    public async Task A_command_out_of_turn_or_out_of_form_is_refused_with_its_code(string command, string code)
    {
        await using var simulator = await Start();
        using var wire = await (await simulator.Dial()).Greet();
        (await wire.Say(command))!.ShouldStartWith(code);
    }

    [Fact]
    public async Task A_reset_forgets_the_message_begun()
    {
        await using var simulator = await Start();
        using var wire = await (await simulator.Dial()).Greet();
        (await wire.Say("MAIL FROM:<a@b.example>"))!.ShouldStartWith("250 ");
        (await wire.Say("MAIL FROM:<a@b.example>"))!.ShouldStartWith("503 ");
        (await wire.Say("RSET"))!.ShouldStartWith("250 ");
        (await wire.Say("RCPT TO:<c@d.example>"))!.ShouldStartWith("503 ");
        (await wire.Say("MAIL FROM:<a@b.example>"))!.ShouldStartWith("250 ");
        (await wire.Say("DATA"))!.ShouldStartWith("554 ");
    }

    [Fact]
    public async Task More_recipients_than_allowed_wait_for_the_next_message()
    {
        await using var simulator = await Start("--Smtp:MaxRecipients=2");
        using var wire = await (await simulator.Dial()).Greet();
        await wire.Say("MAIL FROM:<a@b.example>");
        (await wire.Say("RCPT TO:<one@d.example>"))!.ShouldStartWith("250 ");
        (await wire.Say("RCPT TO:<two@d.example>"))!.ShouldStartWith("250 ");
        (await wire.Say("RCPT TO:<three@d.example>"))!.ShouldStartWith("452 4.5.3 ");
    }

    [Fact]
    public async Task A_line_without_end_ends_the_conversation()
    {
        await using var simulator = await Start();
        using var wire = await (await simulator.Dial()).Greet();
        await wire.Write(new string('a', 3000));
        (await wire.Hear())!.ShouldStartWith("500 5.5.2 ");
        (await wire.Hear()).ShouldBeNull();
    }

    [Fact]
    public async Task A_client_that_says_nothing_is_sent_away()
    {
        await using var simulator = await Start("--Smtp:Timeout=00:00:01");
        using var wire = await (await simulator.Dial()).Greet();
        (await wire.Hear())!.ShouldStartWith("421 4.4.2 ");
        (await wire.Hear()).ShouldBeNull();
    }

    [Fact]
    public async Task One_connection_too_many_is_asked_to_come_back()
    {
        await using var simulator = await Start("--Smtp:MaxConnections=1");
        using var first = await (await simulator.Dial()).Greet();
        using (var second = await simulator.Dial())
        {
            (await second.Hear())!.ShouldStartWith("421 4.7.0 ");
            (await second.Hear()).ShouldBeNull();
        }

        (await first.Say("NOOP"))!.ShouldStartWith("250 ");
    }

    [Fact]
    public async Task A_server_that_stops_says_goodbye()
    {
        await using var simulator = await Start();
        using var wire = await (await simulator.Dial()).Greet();
        await simulator.Stop();
        (await wire.Hear())!.ShouldStartWith("421 4.3.2 ");
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_of_a_message_leaves_nothing_behind()
    {
        await using var simulator = await Start();
        using (var wire = await (await simulator.Dial()).Greet())
        {
            await wire.Say("MAIL FROM:<a@b.example>");
            await wire.Say("RCPT TO:<c@d.example>");
            await wire.Say("DATA");
            await wire.Write("Subject: half\r\n\r\nHalf a");
        }

        await simulator.Send(Letter(subject: "whole"));
        (await simulator.Received()).Single().GetProperty("subject").GetString().ShouldBe("whole");
    }
}
