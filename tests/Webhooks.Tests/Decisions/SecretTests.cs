using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;

namespace Webhooks.Tests.Decisions;

public sealed class SecretTests
{
    private static readonly Guid Endpoint = Guid.CreateVersion7();
    private static readonly Guid Id = Guid.CreateVersion7();

    // Published with the reference libraries of Standard Webhooks.
    private static readonly byte[] Published = Convert.FromBase64String("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

    [Fact]
    public void A_signature_is_that_of_the_reference_libraries()
    {
        const string Signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        var body = Encoding.UTF8.GetBytes("""{"test": 2432232314}""");
        SigningSecret.Sign([Published], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body).ShouldBe(Signature);

        var both = SigningSecret.Sign([SigningSecret.Create(), Published], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body).Split(' ');
        both.Length.ShouldBe(2);
        both[1].ShouldBe(Signature);
    }

    [Fact]
    public void A_secret_is_shown_as_the_specification_writes_it()
    {
        SigningSecret.Show(Published).ShouldBe("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        SigningSecret.Create().Length.ShouldBeInRange(24, 64);
    }

    [Fact]
    public void What_is_sealed_opens_for_the_same_organization_endpoint_and_secret_only()
    {
        var vault = new SecretVault(Options("one"));
        var stored = vault.Seal("aurora", Endpoint, Id, Published);

        vault.Open("aurora", Endpoint, stored).ShouldBe(Published);
        stored.Bytes.AsSpan().IndexOf(Published).ShouldBe(-1);
        Should.Throw<CryptographicException>(() => vault.Open("borealis", Endpoint, stored));
        Should.Throw<CryptographicException>(() => vault.Open("aurora", Id, stored));
        Should.Throw<CryptographicException>(() => vault.Open("aurora", Endpoint, stored with { Id = Endpoint }));
        Should.Throw<CryptographicException>(() => vault.Open("aurora", Endpoint, stored with { Bytes = [.. stored.Bytes.SkipLast(1), (byte)(stored.Bytes[^1] ^ 1)] }));
    }

    [Fact]
    public void A_former_key_opens_what_it_sealed_and_one_that_is_missing_is_named()
    {
        var stored = new SecretVault(Options("one")).Seal("aurora", Endpoint, Id, Published);

        new SecretVault(Options("two", "one")).Open("aurora", Endpoint, stored).ShouldBe(Published);
        Should.Throw<CryptographicException>(() => new SecretVault(Options("two")).Open("aurora", Endpoint, stored)).Message.ShouldContain("one");
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64")]
    [InlineData("c2hvcnQ=")]
    public void A_key_of_another_size_stops_the_start(string key)
    {
        var options = new SecretOptions { Key = key };
        Validator.TryValidateObject(options, new(options), [], true).ShouldBeFalse();
    }

    private static SecretOptions Options(string keyId, params string[] former) => new()
    {
        KeyId = keyId,
        Key = KeyOf(keyId),
        FormerKeys = former.ToDictionary(name => name, KeyOf),
    };

    private static string KeyOf(string name) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
}
