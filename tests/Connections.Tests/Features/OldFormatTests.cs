using Connections.Tests.Decisions;
using Shouldly;
using Xunit;

namespace Connections.Tests.Features;

[Collection(nameof(HubFixture))]
public sealed class OldFormatTests(HubFixture fixture)
{
    [Fact]
    public async Task Tokens_sealed_before_creators_had_keys_are_kept_on_reconnection_and_sealed_the_new_way()
    {
        var creator = await fixture.Host.Creator();
        var handle = $"max.{creator:N}"[..30];
        await fixture.Host.Connect(creator, "instagram", handle);
        var id = Connection.IdOf("aurora", creator, "instagram");

        // Instagram sends no refresh token: the one at hand, if there is one, must outlive the reconnection.
        var tokens = (await fixture.Host.Services.Open(creator, id)) with { RefreshToken = "the-one-we-have" };
        var old = VaultTests.SealedTheOldWay(("local-1", HubHost.VaultKey), "aurora", id, tokens);
        await VaultDatabase.Run(
            fixture.Host.Database,
            "update connections.connection_upkeep set sealed = $1 where connection_id = $2",
            old.ToBytes(),
            id);
        (await fixture.Host.Services.Open(creator, id)).ShouldBe(tokens);

        (await fixture.Host.Connect(creator, "instagram", handle)).ShouldContain("outcome=connected");

        var renewed = (await fixture.Host.Services.Tokens(id))!;
        (renewed.KeyId, renewed.CreatorId, renewed.Generation).ShouldBe((null, creator, 0));
        (await fixture.Host.Services.Open(creator, id)).RefreshToken.ShouldBe("the-one-we-have");
    }
}
