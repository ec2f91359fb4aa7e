using System.Security.Cryptography;
using System.Text;
using Connections.Platforms;
using Shouldly;
using Xunit;

namespace Connections.Tests.Decisions;

public sealed class VaultTests
{
    private static readonly Guid Id = Guid.CreateVersion7();
    private static readonly TokenSet Tokens = new("the-access-token", Given.Now, "the-refresh-token", null, Given.Now);
    private readonly TokenVault vault = new(new() { Key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) });

    [Fact]
    public void What_was_sealed_opens_for_the_same_organization_and_connection() => vault.Open("aurora", vault.Seal("aurora", Id, Tokens)).ShouldBe(Tokens);

    [Fact]
    public void A_row_copied_to_another_organization_or_connection_does_not_open()
    {
        var row = vault.Seal("aurora", Id, Tokens);

        Should.Throw<CryptographicException>(() => vault.Open("borealis", row));
        Should.Throw<CryptographicException>(() => vault.Open("aurora", row with { Id = Guid.CreateVersion7() }));
    }

    [Fact]
    public void A_row_that_was_tampered_with_does_not_open()
    {
        var row = vault.Seal("aurora", Id, Tokens);
        row.Ciphertext[20] ^= 1;

        Should.Throw<CryptographicException>(() => vault.Open("aurora", row));
    }

    [Fact]
    public void The_row_holds_no_token_in_the_clear_and_no_two_rows_are_alike()
    {
        var (one, two) = (vault.Seal("aurora", Id, Tokens), vault.Seal("aurora", Id, Tokens));

        Encoding.Latin1.GetString(one.Ciphertext).Contains("the-access-token").ShouldBeFalse();
        one.Ciphertext.ShouldNotBe(two.Ciphertext);
        Tokens.ToString().ShouldBe($"TokenSet issued {Tokens.IssuedAt:O}");
    }

    [Fact]
    public void A_key_of_the_wrong_size_is_refused_at_once() => Should.Throw<ArgumentException>(() => new TokenVault(new() { Key = Convert.ToBase64String(new byte[16]) }));
}
