using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Testing;

namespace Webhooks.Tests.Features;

[Collection(nameof(Service))]
public sealed class EndpointTests(Service service)
{
    private readonly string organization = Service.AnOrganization();

    [Fact]
    public async Task A_secret_is_shown_once_and_lies_nowhere_in_the_clear_nor_does_the_path_of_an_address_in_an_event()
    {
        await using var receiver = await Receiver.Start();
        var desk = service.Replica.Desk(organization);
        var (id, secret) = await desk.Register(receiver.Url);
        var newer = await desk.Rotate(id);

        var shown = await desk.Endpoint(id);
        shown.GetProperty("secrets").GetArrayLength().ShouldBe(2);
        var everything = $"{shown} {await desk.Http.GetStringAsync("/v1/webhook-endpoints")} {await service.Surroundings.Everything()}";
        foreach (var one in (string[])[secret, newer])
        {
            var plain = one["whsec_".Length..];
            everything.ShouldNotContain(plain);
            everything.ShouldNotContain(Convert.ToHexStringLower(Convert.FromBase64String(plain)));
        }

        (await service.Surroundings.Ask<long>("select count(*) from webhooks.mt_events where data::text like '%private-path%'")).ShouldBe(0);
        (await service.Surroundings.Ask<long>($"select count(*) from webhooks.mt_events where tenant_id = '{organization}'")).ShouldBe(2);
    }

    [Fact]
    public async Task A_request_repeated_under_its_key_answers_the_same_endpoint_and_no_secret()
    {
        await using var receiver = await Receiver.Start();
        var desk = service.Replica.Desk(organization);
        var first = await (await Post(desk, new { url = receiver.Url }, "board-1")).Content.ReadFromJsonAsync<JsonElement>();
        var again = await Post(desk, new { url = receiver.Url }, "board-1");

        again.StatusCode.ShouldBe(HttpStatusCode.Created);
        var second = await again.Content.ReadFromJsonAsync<JsonElement>();
        second.GetProperty("id").GetGuid().ShouldBe(first.GetProperty("id").GetGuid());
        first.GetProperty("secret").GetString().ShouldStartWith("whsec_");
        second.GetProperty("secret").ValueKind.ShouldBe(JsonValueKind.Null);
        (await Desk.Refusal(await Post(desk, new { url = receiver.Url, description = "another" }, "board-1"), HttpStatusCode.UnprocessableEntity)).ShouldBe("idempotency.key-reused");
        (await Desk.Refusal(await Post(desk, new { url = receiver.Url }, "with space"), HttpStatusCode.UnprocessableEntity)).ShouldBe("idempotency.key-invalid");
    }

    [Fact]
    public async Task A_change_says_what_it_has_seen_and_a_lost_race_changes_nothing()
    {
        await using var receiver = await Receiver.Start();
        var desk = service.Replica.Desk(organization);
        var (id, _) = await desk.Register(receiver.Url);
        var tag = await desk.Tag(id);

        var changed = await desk.Change(id, new { url = receiver.Url + "/other", description = "Board", types = new[] { "ConnectionExpired" }, paused = true }, tag);
        changed.StatusCode.ShouldBe(HttpStatusCode.OK);
        changed.Headers.ETag!.Tag.ShouldBe(await desk.Tag(id));
        var shown = await desk.Endpoint(id);
        shown.GetProperty("url").GetString().ShouldEndWith("/other");
        shown.GetProperty("pausedBecause").GetString().ShouldBe("Manual");
        shown.GetProperty("types").EnumerateArray().Select(type => type.GetString()).ShouldBe(["ConnectionExpired"]);

        (await Desk.Refusal(await desk.Change(id, new { url = receiver.Url }, tag), HttpStatusCode.PreconditionFailed)).ShouldBe("version.stale");
        (await Desk.Refusal(await desk.Http.PutAsJsonAsync($"/v1/webhook-endpoints/{id}", new { url = receiver.Url }), HttpStatusCode.PreconditionRequired)).ShouldBe("if-match.missing");
        (await Desk.Refusal(await desk.Change(id, new { url = receiver.Url, types = new[] { "Nonsense" } }), HttpStatusCode.UnprocessableEntity)).ShouldBe("type.unknown");
        (await Desk.Refusal(await desk.Change(id, new { url = "" }), HttpStatusCode.UnprocessableEntity)).ShouldBe("url.invalid");
        (await Desk.Refusal(await desk.Change(id, new { url = "https://10.0.0.1/" }), HttpStatusCode.UnprocessableEntity)).ShouldBe("url.address-refused");
        (await desk.Endpoint(id)).GetProperty("url").GetString().ShouldEndWith("/other");
    }

    [Fact]
    public async Task Endpoints_are_listed_page_by_page_until_there_are_too_many()
    {
        await using var receiver = await Receiver.Start();
        var desk = service.Replica.Desk(organization);
        var registered = new List<Guid>();
        for (var i = 0; i < 50; i++)
        {
            registered.Add((await desk.Register($"{receiver.Url}/{i}")).Id);
        }

        (await Desk.Refusal(await Post(desk, new { url = receiver.Url }, null), HttpStatusCode.Conflict)).ShouldBe("endpoints.too-many");
        var listed = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = await desk.Http.GetFromJsonAsync<JsonElement>($"/v1/webhook-endpoints?limit=20{(cursor is null ? "" : $"&cursor={cursor}")}");
            listed.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid()));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);
        listed.ShouldBe(registered);
        (await Desk.Refusal(await desk.Http.GetAsync("/v1/webhook-endpoints?cursor=elsewhere"), HttpStatusCode.UnprocessableEntity)).ShouldBe("cursor.invalid");
        (await Desk.Refusal(await desk.Http.GetAsync("/v1/webhook-endpoints?limit=201"), HttpStatusCode.UnprocessableEntity)).ShouldBe("limit.invalid");
    }

    [Fact]
    public async Task A_removed_endpoint_is_sent_nothing_and_all_that_belonged_to_it_is_forgotten()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        var replica = await surroundings.Start(("Retention:LookEvery", "00:00:01"));
        var desk = replica.Desk(organization);
        receiver.Answer = (_, _) => Task.FromResult(500);
        var (id, _) = await desk.Register(receiver.Url);
        await surroundings.Publish(organization, "ConnectionGranted", Guid.CreateVersion7(), 1);
        await Eventually.Get(() => receiver.Requests.Count, count => count > 0);

        (await desk.Http.DeleteAsync($"/v1/webhook-endpoints/{id}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await Desk.Refusal(await desk.Http.GetAsync($"/v1/webhook-endpoints/{id}"), HttpStatusCode.NotFound)).ShouldBe("endpoint.unknown");
        (await Desk.Refusal(await desk.Http.DeleteAsync($"/v1/webhook-endpoints/{id}"), HttpStatusCode.NotFound)).ShouldBe("endpoint.unknown");
        foreach (var table in (string[])["delivery", "attempt", "lane", "endpoint_secret", "removed_endpoint"])
        {
            await Eventually.Get(() => surroundings.Ask<long>($"select count(*) from webhooks.{table}"), count => count == 0, table);
        }
    }

    [Fact]
    public async Task Another_organization_s_endpoints_are_unknown_on_every_route()
    {
        await using var receiver = await Receiver.Start();
        var (id, _) = await service.Replica.Desk(organization).Register(receiver.Url);
        var message = await service.Surroundings.Publish(organization, "ConnectionGranted", Guid.CreateVersion7(), 1);
        await service.Replica.Desk(organization).Log(id, "Delivered", 1);
        var stranger = service.Replica.Desk(Service.AnOrganization());
        var (own, _) = await stranger.Register(receiver.Url);
        stranger.Http.DefaultRequestHeaders.Add("If-Match", "*");

        var at = $"/v1/webhook-endpoints/{id}";
        HttpResponseMessage[] answers =
        [
            await stranger.Http.GetAsync(at), await stranger.Http.PutAsJsonAsync(at, new { url = receiver.Url }), await stranger.Http.DeleteAsync(at),
            await stranger.Http.PostAsync($"{at}/secret/rotate", null), await stranger.Http.DeleteAsync($"{at}/secret/previous"), await stranger.Http.PostAsync($"{at}/test", null),
            await stranger.Http.GetAsync($"{at}/deliveries"), await stranger.Http.GetAsync($"{at}/deliveries/{message}"),
            await stranger.Http.PostAsJsonAsync($"{at}/replay", new { since = DateTimeOffset.UnixEpoch }),
            await stranger.Http.PostAsJsonAsync($"/v1/webhook-endpoints/{own}/replay", new { messageIds = new[] { message } }),
        ];
        answers.Select(answer => answer.StatusCode).ShouldAllBe(status => status == HttpStatusCode.NotFound);
        (await stranger.Replay(own, new { since = DateTimeOffset.UnixEpoch })).GetProperty("replayed").GetInt32().ShouldBe(0);
        receiver.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Reading_and_changing_ask_for_scopes_of_their_own()
    {
        var reader = service.Replica.As(organization, "webhooks.read");
        (await reader.GetAsync("/v1/webhook-endpoints")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await reader.PostAsJsonAsync("/v1/webhook-endpoints", new { url = "https://hooks.example.com/" })).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await service.Replica.As(organization, "webhooks.manage").GetAsync("/v1/webhook-endpoints")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await service.Replica.CreateClient().GetAsync("/v1/webhook-endpoints")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    private static async Task<HttpResponseMessage> Post(Desk desk, object settings, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/webhook-endpoints") { Content = JsonContent.Create(settings) };
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }

        return await desk.Http.SendAsync(request);
    }
}
