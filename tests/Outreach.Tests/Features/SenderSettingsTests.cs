using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Outreach.Tests.Features;

[Collection(nameof(Service))]
public sealed class SenderSettingsTests(Service service)
{
    // Where it is day now: in quiet hours a message that is to be looked at would wait for the morning.
    private static readonly string Daytime = new[] { "Europe/Paris", "America/Los_Angeles", "Pacific/Auckland" }.First(zone =>
        TimeZoneInfo.ConvertTime(DateTimeOffset.UtcNow, TimeZoneInfo.FindSystemTimeZoneById(zone)).Hour is >= 8 and < 20);

    private static readonly object Aurora = new
    {
        name = "Maya of Aurora",
        address = "maya@mail.example",
        replyTo = "answers@aurora.example",
        copyTo = "talent@aurora.example",
        perMinute = 600,
        dailyCap = 1000,
        quietFrom = "21:00",
        quietUntil = "07:30",
        timeZone = Daytime,
    };

    [Fact]
    public async Task Settings_that_nobody_changed_are_the_installations()
    {
        var scene = await Scene.Of(service, creators: 0);
        using var answer = await scene.Http.GetAsync("/v1/settings/sender");
        answer.Headers.ETag!.Tag.ShouldBe("\"0\"");
        var settings = await Scene.Json(answer);
        settings.GetProperty("address").ValueKind.ShouldBe(JsonValueKind.Null);
        settings.GetProperty("defaultAddress").GetString().ShouldBe("outreach@mail.example");
        settings.GetProperty("timeZone").GetString().ShouldBe("UTC");
        (await Senders.Of(scene.Organization, default)).ShouldBe(new Sender(null, "outreach@mail.example", null, null, Pace.Free));
    }

    [Fact]
    public async Task A_change_holds_for_the_next_message_and_is_recorded_without_its_values()
    {
        var scene = await Scene.Of(service, creators: 1);
        using var answer = await Put(scene, Aurora, "\"0\"");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        answer.Headers.ETag!.Tag.ShouldBe("\"1\"");
        (await scene.Get("/v1/settings/sender")).GetProperty("quietUntil").GetString().ShouldBe("07:30");
        var sender = await Senders.Of(scene.Organization, default);
        sender.Pace.ShouldBe(new Pace(600, 1000, new(21, 0), new(7, 30), TimeZoneInfo.FindSystemTimeZoneById(Daytime)));

        await scene.SendAndFinish();
        var message = scene.Postbox.For(scene.AddressOf(scene.Creators[0])).ShouldHaveSingleItem();
        message.From.ToString().ShouldBe("\"Maya of Aurora\" <maya@mail.example>");
        message.ReplyTo.ToString().ShouldBe("answers@aurora.example");
        message.Cc.ToString().ShouldBe("talent@aurora.example");
        scene.Postbox.For("talent@aurora.example").Count(copy => copy.MessageId == message.MessageId).ShouldBe(1);

        var recorded = (await scene.Events(SenderSettings.IdOf(scene.Organization))).ShouldHaveSingleItem().ShouldBeOfType<SenderSettingsChanged>();
        recorded.Members.ShouldBe(["name", "address", "replyTo", "copyTo", "perMinute", "dailyCap", "quietFrom", "quietUntil", "timeZone"]);
        (recorded.Revision, recorded.ChangedBy).ShouldBe((1, "maya"));
        JsonSerializer.Serialize(recorded).ShouldNotContain("@");
    }

    [Fact]
    public async Task What_is_left_out_goes_back_to_its_default()
    {
        var scene = await Scene.Of(service, creators: 0);
        await Put(scene, Aurora, "*");
        await Put(scene, new { perMinute = 5 }, "\"1\"");
        (await Senders.Of(scene.Organization, default)).ShouldBe(
            new Sender(null, "outreach@mail.example", null, null, new(5, null, null, null, TimeZoneInfo.Utc)));
    }

    [Fact]
    public async Task Nobodys_change_is_lost()
    {
        var scene = await Scene.Of(service, creators: 0);
        await SendOutreachTests.ShouldBe(await Put(scene, Aurora, null), 428, "if-match.missing");
        await Put(scene, Aurora, "\"0\"");
        await SendOutreachTests.ShouldBe(await Put(scene, new { perMinute = 5 }, "\"0\""), 412, "version.stale");
        await SendOutreachTests.ShouldBe(await Put(scene, new { perMinute = 5 }, "first"), 412, "version.stale");
        (await scene.Get("/v1/settings/sender")).GetProperty("perMinute").GetInt32().ShouldBe(600);
    }

    [Fact]
    public async Task A_refused_value_names_its_member_and_changes_nothing()
    {
        var scene = await Scene.Of(service, creators: 0);
        await SendOutreachTests.ShouldBe(await Put(scene, new { address = "maya@elsewhere.example" }, "*"), 422, "sender.domain-not-allowed", "address");
        await SendOutreachTests.ShouldBe(await Put(scene, new { timeZone = "Nowhere" }, "*"), 422, "sender.time-zone-unknown", "timeZone");
        (await scene.Get("/v1/settings/sender")).GetProperty("revision").GetInt64().ShouldBe(0);
    }

    [Fact]
    public async Task Changing_asks_for_its_scope_and_reaches_one_organization()
    {
        var ours = await Scene.Of(service, creators: 0);
        var theirs = await Scene.Of(service, creators: 0);
        await SendOutreachTests.ShouldBe(await Put(ours, Aurora, "*", ours.Client("outreach.read outreach.send")), 403, "scope.missing");
        await Put(ours, Aurora, "*");
        (await theirs.Get("/v1/settings/sender")).GetProperty("revision").GetInt64().ShouldBe(0);
    }

    private Senders Senders => service.Replica.Services.GetRequiredService<Senders>();

    private static async Task<HttpResponseMessage> Put(Scene scene, object body, string? version, HttpClient? http = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/settings/sender") { Content = JsonContent.Create(body) };
        if (version is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", version);
        }

        return await (http ?? scene.Http).SendAsync(request);
    }
}
