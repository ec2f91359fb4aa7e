using System.Net;
using System.Security.Cryptography;
using System.Text;
using Connections.Vault;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Testing;
using Xunit;

namespace Connections.Tests.Features;

public sealed class TransitTests : IAsyncLifetime
{
    private static readonly byte[] Ana = Encoding.UTF8.GetBytes("aurora/ana");
    private static readonly byte[] Bo = Encoding.UTF8.GetBytes("aurora/bo");
    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);
    private TransitServer server = null!;

    public async ValueTask InitializeAsync() => server = await TransitServer.Start();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task What_it_wrapped_it_unwraps_for_the_same_creator_and_for_no_other()
    {
        var wrapped = await Keys().Wrap(key, Ana, default);

        wrapped.KeyId.ShouldBe("transit:creators:v1");
        Encoding.ASCII.GetString(wrapped.Bytes).ShouldStartWith("vault:v1:");
        (await Keys().Unwrap(wrapped, Ana, default)).ShouldBe(key);
        await Should.ThrowAsync<CryptographicException>(() => Keys().Unwrap(wrapped, Bo, default));
        (await Should.ThrowAsync<CryptographicException>(() => Keys().Rewrap(wrapped, Bo, default))).ShouldNotBeOfType<TokenVaultException>();
    }

    [Fact]
    public async Task After_a_rotation_there_old_ciphertexts_open_and_come_under_the_new_version_without_the_key_coming_here()
    {
        var wrapped = await Keys().Wrap(key, Ana, default);
        server.Rotate();
        (await Keys().ActiveKeyId(default)).ShouldBe("transit:creators:v2");
        (await Keys().Unwrap(wrapped, Ana, default)).ShouldBe(key);
        server.Operations.Clear();

        var renewed = await Keys().Rewrap(wrapped, Ana, default);

        server.Operations.ShouldBe(["rewrap"]);
        renewed.KeyId.ShouldBe("transit:creators:v2");
        (await Keys().Unwrap(renewed, Ana, default)).ShouldBe(key);
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    public async Task An_outage_is_transient(HttpStatusCode status)
    {
        var wrapped = await Keys().Wrap(key, Ana, default);
        server.Trouble = status;

        (await Should.ThrowAsync<TokenVaultException>(() => Keys().Unwrap(wrapped, Ana, default))).IsTransient.ShouldBeTrue();
        (await Should.ThrowAsync<TokenVaultException>(() => Keys().Wrap(key, Ana, default))).IsTransient.ShouldBeTrue();
        server.Trouble = null;
        (await Keys().Unwrap(wrapped, Ana, default)).ShouldBe(key);
    }

    [Fact]
    public async Task Nobody_listening_is_transient_too()
    {
        var keys = Keys();
        await server.DisposeAsync();

        (await Should.ThrowAsync<TokenVaultException>(async () => await keys.ActiveKeyId(default))).IsTransient.ShouldBeTrue();
        server = await TransitServer.Start();
    }

    [Fact]
    public async Task A_token_it_does_not_accept_is_a_matter_of_configuration_and_is_not_shown()
    {
        var fault = await Should.ThrowAsync<TokenVaultException>(() => Keys("hvs.some-other-token").Wrap(key, Ana, default));

        (fault.Fault, fault.IsTransient).ShouldBe((VaultFault.Refused, false));
        fault.ToString().ShouldContain("403");
        fault.ToString().ShouldNotContain("hvs.");
    }

    [Theory]
    [InlineData("http://vault.example:8200", "creators", "hvs.secret")]
    [InlineData("https://vault.example:8200", "", "hvs.secret")]
    [InlineData("https://vault.example:8200", "creators", "")]
    public async Task Settings_that_lack_something_stop_the_start(string address, string name, string token)
    {
        await using var host = new ServiceHost<Connection>(
            "connections",
            await BackingServices.CreateDatabase("connections"),
            new Uri("amqp://localhost"),
            ("ConnectionStrings:keys", await BackingServices.CreateDatabase("keys")),
            ("TokenVault:Transit:Address", address),
            ("TokenVault:Transit:Key", name),
            ("TokenVault:Transit:Token", token));

        var refusal = Should.Throw<Exception>(() => host.Services).ToString();
        refusal.ShouldContain("TokenVault:Transit needs");
        refusal.ShouldNotContain("hvs.secret");
    }

    [Fact]
    public async Task A_key_that_would_not_bind_the_creator_in_is_refused()
    {
        server.IsDerived = false;

        (await Should.ThrowAsync<TokenVaultException>(() => Keys().Wrap(key, Ana, default))).Message.ShouldContain("derived=true");
        server.Operations.ShouldNotContain("encrypt");
    }

    [Fact]
    public async Task A_token_in_a_file_is_read_at_each_call()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "hvs.stale\n");
            var keys = new TransitKeys(new() { Address = server.Address, Key = "creators", TokenFile = file }, () => new());
            (await Should.ThrowAsync<TokenVaultException>(() => keys.Wrap(key, Ana, default))).Fault.ShouldBe(VaultFault.Refused);

            await File.WriteAllTextAsync(file, $"{TransitServer.Token}\n");
            (await keys.Unwrap(await keys.Wrap(key, Ana, default), Ana, default)).ShouldBe(key);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task While_it_is_away_a_creator_who_connects_is_asked_to_come_back_and_nothing_is_lost()
    {
        await using var host = await HubHost.StartWith(server.Settings());
        var (one, two) = (await host.Creator(), await host.Creator());
        await host.Connect(one, "youtube", Handle("kim", one));
        var before = await host.Services.Open(one, Connection.IdOf("aurora", one, "youtube"));
        server.Trouble = HttpStatusCode.ServiceUnavailable;

        using var browser = await host.Visit(two);
        using var response = await browser.GetAsync(await HubHost.Answer(browser, await HubHost.PressConnect(browser, "youtube"), Handle("lou", two)));
        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await host.StatusOf(two, "youtube")).ShouldBe("NotConnected");

        // The key of the first creator is still in memory, the stored tokens are as they were.
        (await host.StatusOf(one, "youtube")).ShouldBe("Connected");
        (await host.Services.Open(one, Connection.IdOf("aurora", one, "youtube"))).ShouldBe(before);
        (await host.Connect(one, "youtube", Handle("kim", one))).ShouldContain("outcome=connected");

        server.Trouble = null;
        (await host.Connect(two, "youtube", Handle("lou", two))).ShouldContain("outcome=connected");
        (await host.Services.Open(two, Connection.IdOf("aurora", two, "youtube"))).RefreshToken.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_deployment_moves_from_local_keys_to_the_service_while_it_runs()
    {
        (string, string)[] own = [("TokenVault:LookupSecret", KeysInMemory.NewKey())];
        await using var host = await HubHost.StartWith(own);
        var (creator, tokens) = (Guid.CreateVersion7(), VaultDatabase.NewTokens());
        var id = await host.Services.Grant(creator, tokens);
        (await VaultDatabase.Count(host.Keys, "vault.creator_key where key_id = 'local-1'")).ShouldBe(1);

        await using var both = host.Replica([.. own, .. server.Settings(), ("TokenVault:RewrapEvery", "00:00:00.100"), ("TokenVault:RewrapAfter", "00:00:00")]);
        await Eventually.Get(() => VaultDatabase.Count(host.Keys, "vault.creator_key where key_id = 'transit:creators:v1'"), count => count == 1);

        await using var serviceOnly = host.Replica([.. own, .. server.Settings(), ("TokenVault:Key", "")]);
        (await serviceOnly.Services.Open(creator, id)).ShouldBe(tokens);
        (await both.Services.Open(creator, id)).ShouldBe(tokens);
    }

    private static string Handle(string name, Guid creator) => $"{name}.{creator:N}"[..30];

    private TransitKeys Keys(string token = TransitServer.Token)
    {
        var http = new HttpClient();
        return new(new() { Address = server.Address, Key = "creators", Token = token }, () => http);
    }
}
