using System.Net;
using System.Text.Json;
using Testing;

namespace Webhooks.Tests.Features;

public sealed class RotationTests
{
    private readonly string organization = Service.AnOrganization();

    [Fact]
    public async Task Both_secrets_sign_until_the_one_before_has_ended_with_its_time_or_by_hand()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        var replica = await surroundings.Start(("Retention:LookEvery", "00:00:01"));
        var desk = replica.Desk(organization);
        var (id, first) = await desk.Register(receiver.Url);

        string? second = null, third = null;
        (await Signed(1)).ShouldBe((1, true, false, false));
        second = await desk.Rotate(id);
        (await Signed(2)).ShouldBe((2, true, true, false));

        replica.Time.Move(TimeSpan.FromDays(1));
        (await Signed(3)).ShouldBe((1, false, true, false));
        (await desk.Endpoint(id)).GetProperty("secrets").EnumerateArray().Select(secret => secret.GetProperty("endsAt").ValueKind).ShouldBe([JsonValueKind.Null]);

        await Eventually.Get(() => surroundings.Ask<long>("select count(*) from webhooks.endpoint_secret"), count => count == 1);

        third = await desk.Rotate(id);
        (await Signed(4)).ShouldBe((2, false, true, true));
        (await desk.Http.DeleteAsync($"/v1/webhook-endpoints/{id}/secret/previous")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await desk.Http.DeleteAsync($"/v1/webhook-endpoints/{id}/secret/previous")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await Signed(5)).ShouldBe((1, false, false, true));

        async Task<(int Signatures, bool First, bool Second, bool Third)> Signed(int count)
        {
            await surroundings.Publish(organization, "ConnectionGranted", Guid.CreateVersion7(), 1);
            await desk.Log(id, "Delivered", count);
            var request = receiver.Requests[^1];
            return (request.Signature.Split(' ').Length, request.IsSignedWith(first), second is not null && request.IsSignedWith(second), third is not null && request.IsSignedWith(third));
        }
    }

    [Fact]
    public async Task A_rotation_that_is_sent_twice_rotates_once()
    {
        await using var receiver = await Receiver.Start();
        await using var surroundings = await Surroundings.Build();
        var desk = (await surroundings.Start()).Desk(organization);
        var (id, _) = await desk.Register(receiver.Url);
        var tag = await desk.Tag(id);

        (await Rotate(tag)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Desk.Refusal(await Rotate(tag), HttpStatusCode.PreconditionFailed)).ShouldBe("version.stale");
        (await Rotate("*")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Desk.Refusal(await Rotate("*"), HttpStatusCode.Conflict)).ShouldBe("secrets.too-many");

        async Task<HttpResponseMessage> Rotate(string seen)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/webhook-endpoints/{id}/secret/rotate");
            request.Headers.TryAddWithoutValidation("If-Match", seen);
            return await desk.Http.SendAsync(request);
        }
    }
}
