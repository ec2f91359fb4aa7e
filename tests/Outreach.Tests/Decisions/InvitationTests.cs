using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Outreach.Tests.Decisions;

public sealed class InvitationTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private static readonly Recipient Recipient = Recipient.Of(Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), "creator-hub-invitation");
    private readonly Invitation invitation = new(new Uri("http://localhost:5101"), Key, TimeSpan.FromDays(7));

    [Fact]
    public async Task A_link_says_who_is_invited_by_whom_for_what_and_until_when()
    {
        var link = invitation.Sign("aurora", Recipient, Now);
        link.AbsoluteUri.ShouldStartWith("http://localhost:5101/hub/i/");

        var result = await Validate(link, Key);
        result.IsValid.ShouldBeTrue();
        result.Claims["jti"].ShouldBe(Recipient.DeliveryId.ToString());
        result.Claims["sub"].ShouldBe(Recipient.CreatorId.ToString());
        result.Claims["org"].ShouldBe("aurora");
        result.Claims["cmp"].ShouldBe(Recipient.CampaignId.ToString());
        result.SecurityToken.ValidTo.ShouldBe(Now.AddDays(7).UtcDateTime, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_link_signed_with_another_key_opens_nothing() =>
        (await Validate(invitation.Sign("aurora", Recipient, Now), [.. Key.Reverse()])).IsValid.ShouldBeFalse();

    [Fact]
    public void The_link_in_a_preview_is_no_invitation() => invitation.Sample.ShouldBe(new Uri("http://localhost:5101/hub/i/preview"));

    private static Task<TokenValidationResult> Validate(Uri link, byte[] key) => new JsonWebTokenHandler { MapInboundClaims = false }.ValidateTokenAsync(
        link.Segments[^1],
        new() { ValidIssuer = "outreach", ValidAudience = "creator-hub", IssuerSigningKey = new SymmetricSecurityKey(key), ValidAlgorithms = ["HS256"] });
}
