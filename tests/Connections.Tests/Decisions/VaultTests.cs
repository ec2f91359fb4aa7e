using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Connections.Platforms;
using Connections.Vault;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace Connections.Tests.Decisions;

public sealed class VaultTests
{
    private static readonly Guid Id = Guid.CreateVersion7();
    private static readonly TokenSet Tokens = new("the-access-token", Given.Now, "the-refresh-token", null, Given.Now);
    private static readonly (string Id, string Key) One = ("kek-1", KeysInMemory.NewKey());
    private static readonly (string Id, string Key) Two = ("kek-2", KeysInMemory.NewKey());
    private readonly KeysInMemory keys = new();
    private readonly TokenVault vault;

    public VaultTests() => vault = keys.Vault(KeysInMemory.Options(One));

    [Fact]
    public async Task What_was_sealed_opens_for_the_same_organization_creator_and_connection() => (await Open(await Seal())).ShouldBe(Tokens);

    [Fact]
    public async Task A_row_copied_to_another_organization_creator_or_connection_does_not_open()
    {
        var (row, other) = (await Seal(), Guid.CreateVersion7());
        await vault.Prepare("aurora", other, default);
        await vault.Prepare("borealis", Given.Creator, default);

        await Should.ThrowAsync<CryptographicException>(() => vault.Open("borealis", Given.Creator, row, default));
        await Should.ThrowAsync<CryptographicException>(() => vault.Open("aurora", other, row, default));
        await Should.ThrowAsync<CryptographicException>(() => Open(row with { Id = Guid.CreateVersion7() }));
    }

    [Fact]
    public async Task A_creators_key_copied_to_another_creator_does_not_unwrap()
    {
        var (row, other) = (await Seal(), Guid.CreateVersion7());
        keys.Rows[("aurora", other, 0)] = keys.Rows[("aurora", Given.Creator, 0)];

        await Should.ThrowAsync<CryptographicException>(() => vault.Open("aurora", other, row, default));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(50)]
    public async Task A_row_that_was_tampered_with_does_not_open(int at)
    {
        var (one, two) = (await Seal(), await Seal());
        one.Ciphertext[at] ^= 1;
        two.WrappedKey[at] ^= 1;

        await Should.ThrowAsync<CryptographicException>(() => Open(one));
        await Should.ThrowAsync<CryptographicException>(() => Open(two));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(12)]
    [InlineData(40)]
    public async Task A_row_that_was_cut_off_does_not_open(int length)
    {
        var row = await Seal();

        await Should.ThrowAsync<CryptographicException>(() => Open(row with { Ciphertext = row.Ciphertext[..length] }));
        await Should.ThrowAsync<CryptographicException>(() => Open(row with { WrappedKey = row.WrappedKey[..length] }));
    }

    [Fact]
    public async Task The_row_holds_no_token_in_the_clear_and_no_two_rows_are_alike()
    {
        var (one, two) = (await Seal(), await Seal());

        Encoding.Latin1.GetString(one.Ciphertext).Contains("the-access-token").ShouldBeFalse();
        JsonSerializer.Serialize(one).ShouldNotContain("Lookups");
        one.Ciphertext.ShouldNotBe(two.Ciphertext);
        Tokens.ToString().ShouldBe($"TokenSet issued {Tokens.IssuedAt:O}");
    }

    [Fact]
    public async Task A_creator_has_one_key_for_all_their_connections_and_no_other_creator_has_it()
    {
        await Seal();
        await vault.Seal("aurora", Given.Creator, Guid.CreateVersion7(), Tokens, default);
        await vault.Seal("aurora", Guid.CreateVersion7(), Guid.CreateVersion7(), Tokens, default);

        keys.Rows.Count(row => row.Key.Creator == Given.Creator).ShouldBe(1);
        keys.Rows.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Once_the_creators_key_is_destroyed_no_key_encryption_key_opens_what_it_sealed_and_the_next_grant_has_a_new_key()
    {
        var before = await Seal();
        keys.Erase("aurora", Given.Creator);
        var after = await Seal();

        (await Should.ThrowAsync<TokenVaultException>(() => Open(before))).Fault.ShouldBe(VaultFault.Destroyed);
        await Should.ThrowAsync<CryptographicException>(() => Open(before with { Generation = after.Generation }));
        await Should.ThrowAsync<CryptographicException>(() => Open(before with { Generation = null, KeyId = One.Id }));
        (await Open(after)).ShouldBe(Tokens);
    }

    [Fact]
    public async Task After_a_rotation_old_rows_open_and_once_rewrapped_they_need_the_old_key_no_more()
    {
        var row = await Seal();
        var both = KeysInMemory.Options(Two, One);
        (await keys.Vault(both).Open("aurora", Given.Creator, row, default)).ShouldBe(Tokens);

        var stored = keys.Rows[("aurora", Given.Creator, 0)].Wrapped!;
        stored.KeyId.ShouldBe("kek-1");
        keys.Rows[("aurora", Given.Creator, 0)] = new(await new LocalKeyRing(both).Rewrap(stored, CreatorKeys.Associated("aurora", Given.Creator), default));

        keys.Rows[("aurora", Given.Creator, 0)].Wrapped!.KeyId.ShouldBe("kek-2");
        (await keys.Vault(KeysInMemory.Options(Two)).Open("aurora", Given.Creator, row, default)).ShouldBe(Tokens);
    }

    [Fact]
    public async Task A_ring_without_the_key_that_wrapped_it_says_which_one_is_missing_and_shows_none()
    {
        var row = await Seal();

        var fault = await Should.ThrowAsync<TokenVaultException>(() => keys.Vault(KeysInMemory.Options(Two)).Open("aurora", Given.Creator, row, default));

        (fault.Fault, fault.IsTransient).ShouldBe((VaultFault.KeyMissing, false));
        fault.ToString().ShouldContain("kek-1");
        fault.ToString().ShouldNotContain(Two.Key);
    }

    [Fact]
    public async Task What_is_logged_of_a_missing_key_names_it_and_shows_neither_keys_nor_tokens_nor_creators()
    {
        await Seal();
        var log = new Journal();
        var creators = new CreatorKeys(keys, new LocalKeyRing(KeysInMemory.Options(Two)), new KeyCache(KeysInMemory.Options(Two), TimeProvider.System), log);

        await Should.ThrowAsync<TokenVaultException>(() => creators.Current("aurora", Given.Creator, default));

        var line = log.Lines.ShouldHaveSingleItem();
        line.ShouldContain("kek-1");
        line.ShouldNotContain(Two.Key);
        line.ShouldNotContain(Given.Creator.ToString());
        line.ShouldNotContain(Convert.ToBase64String(keys.Rows[("aurora", Given.Creator, 0)].Wrapped!.Bytes));
    }

    [Fact]
    public async Task A_row_from_before_creators_had_keys_still_opens_and_is_sealed_the_new_way_next_time()
    {
        var row = SealedTheOldWay(One, "aurora", Id);

        (await Open(row)).ShouldBe(Tokens);
        await Should.ThrowAsync<CryptographicException>(() => vault.Open("borealis", Given.Creator, row, default));
        (await Should.ThrowAsync<TokenVaultException>(() => keys.Vault(KeysInMemory.Options(Two)).Open("aurora", Given.Creator, row, default))).Fault.ShouldBe(VaultFault.KeyMissing);
        var again = await vault.Seal("aurora", Given.Creator, Id, await Open(row), default);
        (again.KeyId, again.CreatorId, again.Generation).ShouldBe((null, Given.Creator, 0));
    }

    [Fact]
    public void A_document_from_before_is_read_from_its_json()
    {
        var row = JsonSerializer.Deserialize<SealedTokens>($$"""{"Id":"{{Id}}","KeyId":"local-1","WrappedKey":"AAAA","Ciphertext":"AAAA"}""")!;

        (row.KeyId, row.CreatorId, row.Generation).ShouldBe(("local-1", null, null));
    }

    [Fact]
    public async Task The_settings_of_a_single_key_still_make_a_ring()
    {
        var options = new TokenVaultOptions { Key = One.Key, KeyId = One.Id };

        (await keys.Vault(options).Open("aurora", Given.Creator, await Seal(), default)).ShouldBe(Tokens);
        (await new LocalKeyRing(options).ActiveKeyId(default)).ShouldBe("kek-1");
    }

    [Fact]
    public void Settings_that_make_no_sense_are_refused_at_once_and_not_shown()
    {
        var tooShort = Convert.ToBase64String(new byte[16]);
        Refusal(new() { Key = tooShort }).ShouldNotContain(tooShort);
        Refusal(new() { Key = "not base64 at all" }).ShouldNotContain("not base64");
        Refusal(new()).ShouldContain("TokenVault:Key");
        Refusal(new() { Keys = { [One.Id] = One.Key, [Two.Id] = Two.Key } }).ShouldContain("TokenVault:ActiveKeyId");
        Refusal(new() { Keys = { [One.Id] = One.Key }, ActiveKeyId = "kek-3" }).ShouldContain("kek-3");
        Refusal(new() { Keys = { ["transit:x:v1"] = One.Key } }).ShouldContain("transit:");

        static string Refusal(TokenVaultOptions options) => Should.Throw<ArgumentException>(() => new LocalKeyRing(options)).Message;
    }

    [Fact]
    public async Task A_key_in_memory_lasts_its_time_is_one_of_so_many_and_goes_with_an_erasure()
    {
        var clock = new FakeTimeProvider();
        using var cache = new KeyCache(new() { CacheFor = TimeSpan.FromMinutes(5), CacheSize = 2 }, clock);
        var creators = Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7()).ToArray();
        var cached = keys.Vault(KeysInMemory.Options(One), cache: cache);
        foreach (var creator in creators)
        {
            await cached.Prepare("aurora", creator, default);
        }

        cache.Count.ShouldBe(2);
        (cache.Find("aurora", creators[0], 0) is null, cache.Find("aurora", creators[2], 0) is null).ShouldBe((true, false));
        var before = cache.Evictions;
        cache.Evict("aurora", creators[2], 0);
        cache.Find("aurora", creators[2], 0).ShouldBeNull();
        cache.Keep("aurora", creators[2], 0, new byte[32], before);
        cache.Find("aurora", creators[2], 0).ShouldBeNull();

        clock.Advance(TimeSpan.FromMinutes(5));
        cache.Count.ShouldBe(0);
    }

    [Fact]
    public async Task A_key_that_was_used_is_zero_afterwards()
    {
        var options = KeysInMemory.Options(One);
        using var key = await new CreatorKeys(keys, new LocalKeyRing(options), new KeyCache(options, TimeProvider.System), Microsoft.Extensions.Logging.Abstractions.NullLogger<CreatorKeys>.Instance)
            .Current("aurora", Given.Creator, default);

        key.Bytes.ToArray().ShouldNotBe(new byte[32]);
        key.Dispose();
        key.Bytes.ToArray().ShouldBe(new byte[32]);
    }

    /// <summary>As this service sealed before: the data key under the key-encryption key itself.</summary>
    internal static SealedTokens SealedTheOldWay((string Id, string Key) key, string organization, Guid connection, TokenSet? tokens = null)
    {
        var (dataKey, associated) = (RandomNumberGenerator.GetBytes(32), Encoding.UTF8.GetBytes($"{organization}/{connection}"));
        return new(
            connection,
            key.Id,
            Envelope.Encrypt(Convert.FromBase64String(key.Key), dataKey, associated),
            Envelope.Encrypt(dataKey, JsonSerializer.SerializeToUtf8Bytes(tokens ?? Tokens), associated));
    }

    private sealed class Journal : ILogger<CreatorKeys>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception) + exception);
    }

    private Task<SealedTokens> Seal() => vault.Seal("aurora", Given.Creator, Id, Tokens, default);

    private Task<TokenSet> Open(SealedTokens row) => vault.Open("aurora", Given.Creator, row, default);
}
