using System.Net.Http.Json;
using System.Text.Json;
using MailKit.Net.Smtp;
using static Mail.Tests.Simulator;

namespace Mail.Tests;

public sealed class GreylistTests
{
    [Fact]
    public async Task Each_pair_of_sender_and_recipient_is_sent_away_once()
    {
        await using var simulator = await Start("--Smtp:Greylist=true");
        foreach (var to in (string[])["ana@creators.example", "ben@creators.example"])
        {
            var refused = await Should.ThrowAsync<SmtpCommandException>(() => simulator.Send(Letter(to)));
            ((int)refused.StatusCode).ShouldBe(451);
            refused.Message.ShouldStartWith("4.7.1 ");
            await simulator.Send(Letter(to), Letter(to.ToUpperInvariant()));
        }

        (await simulator.Received()).Count.ShouldBe(4);
    }

    [Fact]
    public async Task Greylisting_is_switched_while_the_server_runs()
    {
        await using var simulator = await Start();
        await simulator.Send(Letter());
        (await Switch(true)).ShouldBeTrue();
        await Should.ThrowAsync<SmtpCommandException>(() => simulator.Send(Letter()));
        (await Switch(true)).ShouldBeTrue();
        await Should.ThrowAsync<SmtpCommandException>(() => simulator.Send(Letter()));
        (await Switch(false)).ShouldBeFalse();
        await simulator.Send(Letter("ben@creators.example"));
        (await simulator.Received()).Count.ShouldBe(2);

        async Task<bool> Switch(bool on)
        {
            await simulator.Http.PutAsJsonAsync("/control/greylisting", new { on }, TestContext.Current.CancellationToken);
            return (await simulator.Http.GetFromJsonAsync<JsonElement>("/control/greylisting", TestContext.Current.CancellationToken)).GetProperty("on").GetBoolean();
        }
    }
}
