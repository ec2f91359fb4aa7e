using System.Text.Json;
using Connections.Platforms;
using Connections.Vault;
using Shouldly;
using Xunit;

namespace Connections.Tests.Decisions;

public sealed class TokenLookupTests
{
    private const string Token = "1//0test-refresh-token-value";
    private const string Hash = "yIyEm0vUnnUrRtLNtgciuK6EgbXjzJryj3Lvrn+V8TK8ZeUiYtmq+4VMabtJF8m1AotkOSazq13zX5SW7aitBQ==";
    private static readonly TokenVaultOptions Settings = KeysInMemory.Options(("kek-1", KeysInMemory.NewKey()));
    private readonly TokenLookups lookups = new(Settings, null!);

    [Theory]
    [InlineData("prefix", "1//0test-refresh")]
    [InlineData("hash_base64_sha512_sha512", Hash)]
    [InlineData("hash_base64_sha512_sha512", "yIyEm0vUnnUrRtLNtgciuK6EgbXjzJryj3Lvrn-V8TK8ZeUiYtmq-4VMabtJF8m1AotkOSazq13zX5SW7aitBQ")]
    [InlineData("hash_base64_sha512_sha512", "yIyEm0vUnnUrRtLNtgciuK6EgbXjzJryj3Lvrn-V8TK8ZeUiYtmq-4VMabtJF8m1AotkOSazq13zX5SW7aitBQ==")]
    public void Either_way_in_which_a_platform_names_a_token_leads_to_its_row(string kind, string value) =>
        lookups.KeysOf(Of(Token)).ShouldContain(lookups.KeyOf(kind, value)!);

    [Theory]
    [InlineData("prefix", "1//0test-refres")]
    [InlineData("prefix", "1//0test-refresh-")]
    [InlineData("prefix", "")]
    [InlineData("hash_base64_sha512_sha512", "not base64!")]
    [InlineData("hash_base64_sha512_sha512", "AAAA")]
    [InlineData("some_other_way", "1//0test-refresh")]
    public async Task A_name_that_makes_no_sense_leads_nowhere(string kind, string value)
    {
        lookups.KeyOf(kind, value).ShouldBeNull();
        (await lookups.Find(kind, value, default)).ShouldBeEmpty();
    }

    [Fact]
    public void Another_token_has_other_rows_and_a_set_without_one_or_with_a_short_one_has_none()
    {
        lookups.KeysOf(Of(Token)).Count.ShouldBe(2);
        lookups.KeysOf(Of(Token)).Intersect(lookups.KeysOf(Of("1//0other-refresh-token-value"))).ShouldBeEmpty();
        lookups.KeysOf(Of(null)).ShouldBeEmpty();
        lookups.KeysOf(Of("short")).ShouldBeEmpty();
    }

    [Fact]
    public void The_rows_show_nothing_of_the_token_and_mean_nothing_under_another_secret()
    {
        var rows = JsonSerializer.Serialize(lookups.KeysOf(Of(Token)));

        rows.ShouldNotContain("1//0test");
        rows.ShouldNotContain(Hash[..20]);
        new TokenLookups(KeysInMemory.Options(("kek-1", KeysInMemory.NewKey())), null!).KeysOf(Of(Token)).Intersect(lookups.KeysOf(Of(Token))).ShouldBeEmpty();
    }

    [Fact]
    public void A_secret_of_their_own_outlives_a_change_of_keys()
    {
        var secret = KeysInMemory.NewKey();
        var (before, after) = (KeysInMemory.Options(("kek-1", KeysInMemory.NewKey())), KeysInMemory.Options(("kek-2", KeysInMemory.NewKey())));
        (before.LookupSecret, after.LookupSecret) = (secret, secret);

        new TokenLookups(after, null!).KeysOf(Of(Token)).ShouldBe(new TokenLookups(before, null!).KeysOf(Of(Token)));
    }

    [Fact]
    public void Without_any_key_to_derive_from_a_secret_is_asked_for() =>
        Should.Throw<ArgumentException>(() => new TokenLookups(new() { Transit = new() }, null!)).Message.ShouldContain("TokenVault:LookupSecret");

    private static TokenSet Of(string? refreshToken) => new("access", null, refreshToken, null, Given.Now);
}
