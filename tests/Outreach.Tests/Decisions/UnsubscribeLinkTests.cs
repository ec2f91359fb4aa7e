using Microsoft.IdentityModel.JsonWebTokens;
using Outreach.Pages;

namespace Outreach.Tests.Decisions;

public sealed class UnsubscribeLinkTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 10, 0, 0, TimeSpan.Zero);
    private static readonly Recipient Recipient = Recipient.Of(Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), "creator-hub-invitation");
    private readonly UnsubscribeLink link = new(new("http://localhost:5102"), Key, TimeSpan.FromDays(730));

    [Fact]
    public async Task A_link_says_who_leaves_whom_and_about_what()
    {
        var address = link.Sign("aurora", Recipient, Now);
        address.AbsoluteUri.ShouldStartWith("http://localhost:5102/u/");
        (await link.Read(address.Segments[^1], Now.AddDays(729))).Link
            .ShouldBe(new SignedLink("aurora", Recipient.DeliveryId, Recipient.CampaignId, Recipient.CreatorId));
    }

    [Fact]
    public void A_link_carries_ids_and_nothing_else()
    {
        var token = new JsonWebTokenHandler().ReadJsonWebToken(link.Sign("aurora", Recipient, Now).Segments[^1]);
        token.Claims.Select(claim => claim.Type).ShouldBe(["jti", "sub", "org", "cmp", "iss", "aud", "exp"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_link_ends_after_its_time() =>
        (await link.Read(link.Sign("aurora", Recipient, Now).Segments[^1], Now.AddDays(731))).ShouldBe((null, LinkFault.Expired));

    [Fact]
    public async Task A_link_that_was_changed_or_signed_by_somebody_else_is_none()
    {
        var token = link.Sign("aurora", Recipient, Now).Segments[^1];
        (await link.Read(token[..^4] + "AAAA", Now)).ShouldBe((null, LinkFault.Forged));
        (await new UnsubscribeLink(new("http://localhost:5102"), [.. Key.Reverse()], TimeSpan.FromDays(1)).Read(token, Now)).ShouldBe((null, LinkFault.Forged));
        (await link.Read("hello", Now)).ShouldBe((null, LinkFault.Forged));
    }

    [Fact]
    public async Task An_invitation_is_no_link_to_unsubscribe()
    {
        var invitation = new Invitation(new("http://localhost:5101"), Key, TimeSpan.FromDays(7)).Sign("aurora", Recipient, DateTimeOffset.UtcNow);
        (await link.Read(invitation.Segments[^1], Now)).ShouldBe((null, LinkFault.Forged));
    }
}
