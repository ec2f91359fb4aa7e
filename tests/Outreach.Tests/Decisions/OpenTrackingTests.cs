namespace Outreach.Tests.Decisions;

public sealed class OpenTrackingTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private static readonly Uri Address = new("https://mail.aurora.example");
    private static readonly Recipient Recipient = Recipient.Of(Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), "creator-hub-invitation");
    private static readonly Letter Letter = new("Subject", "Text", "<html><body><p>Hi</p></body></html>");
    private readonly OpenTracking tracking = new(Address, Key, isOn: true);

    [Fact]
    public async Task The_image_says_whose_message_it_is_and_nothing_else()
    {
        var image = tracking.For("aurora", Recipient).ShouldNotBeNull();
        image.AbsoluteUri.ShouldStartWith("https://mail.aurora.example/o/");
        image.AbsoluteUri.ShouldEndWith(".gif");
        (await tracking.Read(TokenOf(image))).ShouldBe(new SignedLink("aurora", Recipient.DeliveryId, Recipient.CampaignId, Recipient.CreatorId));
        new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken(TokenOf(image)).Claims.Select(claim => claim.Type).Order().ShouldBe(["aud", "cmp", "iss", "jti", "org", "sub"]);
    }

    [Fact]
    public async Task An_image_signed_with_another_key_and_an_invitation_tell_nothing()
    {
        (await tracking.Read(TokenOf(new OpenTracking(Address, [.. Key.Reverse()], true).For("aurora", Recipient)!))).ShouldBeNull();
        var link = new Invitation(new("http://localhost:5101"), Key, TimeSpan.FromDays(7)).Sign("aurora", Recipient, DateTimeOffset.UtcNow);
        (await tracking.Read(link.Segments[^1])).ShouldBeNull();
    }

    [Fact]
    public async Task Switched_off_messages_carry_no_image_and_those_sent_before_tell_nothing()
    {
        var off = new OpenTracking(Address, Key, isOn: false);
        off.For("aurora", Recipient).ShouldBeNull();
        (await off.Read(TokenOf(tracking.For("aurora", Recipient)!))).ShouldBeNull();
        OpenTracking.Mark(Letter, null).ShouldBe(Letter);
    }

    [Fact]
    public void The_image_stands_at_the_end_of_the_html_and_nowhere_else()
    {
        var marked = OpenTracking.Mark(Letter, new("https://mail.aurora.example/o/t.gif"));
        marked.ShouldBe(Letter with { Html = """<html><body><p>Hi</p><img src="https://mail.aurora.example/o/t.gif" width="1" height="1" alt="" style="display:block;border:0;"></body></html>""" });
        OpenTracking.Mark(Letter with { Html = "<p>Hi</p>" }, new("https://mail.aurora.example/o/t.gif")).Html.ShouldStartWith("<p>Hi</p><img src=");
        OpenTracking.Mark(Letter with { Html = "" }, new("https://mail.aurora.example/o/t.gif")).Html.ShouldBeEmpty();
    }

    private static string TokenOf(Uri image) => image.Segments[^1][..^".gif".Length];
}
