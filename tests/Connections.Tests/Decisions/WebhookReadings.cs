using System.Text;
using Connections.Platforms;
using Connections.Platforms.Instagram;
using Connections.Platforms.TikTok;
using Shouldly;
using Xunit;

namespace Connections.Tests.Decisions;

/// <summary>Published example signatures, so that we and the simulator cannot be wrong in the same way.</summary>
public sealed class WebhookReadings
{
    private const string SignedRequest =
        "Bf5BFwonnKP5DTtwqnC3gHm7GSmsJg0ilaEQTM3ZsjA.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTc2NzIyNTYwMCwidXNlcl9pZCI6Ijk4NzY1NDMyMTAifQ";

    private const string Removed = """{"client_key":"ck_test","event":"authorization.removed","create_time":1767225600,"user_openid":"oid_1","content":"{\"reason\":1}"}""";
    private const string Signature = "t=1767225600,s=83652ab5a82a64395dc02b2f46b645aed89094c0ec9ec3f87c523ed231f500cd";
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1767225600);

    private readonly InstagramPlatform instagram = new(new() { ClientSecret = "test_app_secret" }, null!, TimeProvider.System);
    private readonly TikTokPlatform tiktok = new(new() { ClientKey = "ck_test", ClientSecret = "test_client_secret" }, null!, TimeProvider.System);

    [Fact]
    public async Task A_signed_request_names_the_user_and_the_time()
    {
        var lost = (await Instagram($"signed_request={SignedRequest}")).ShouldBeOfType<NoticeReading.AccessLost>();

        (lost.AccountKey, lost.Reason, lost.At).ShouldBe(("9876543210", InvalidReason.Revoked, At));
    }

    [Fact]
    public async Task The_same_request_at_the_deletion_address_asks_for_an_erasure() =>
        (await Instagram($"signed_request={SignedRequest}", "data-deletion")).ShouldBeOfType<NoticeReading.AccessLost>().Reason.ShouldBe(InvalidReason.DataDeletionRequested);

    [Theory]
    [InlineData("", "webhook.malformed")]
    [InlineData("signed_request=abc", "webhook.malformed")]
    [InlineData("signed_request=" + SignedRequest + "&signed_request=" + SignedRequest, "webhook.malformed")]
    [InlineData("signed_request=Af5BFwonnKP5DTtwqnC3gHm7GSmsJg0ilaEQTM3ZsjA.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTc2NzIyNTYwMCwidXNlcl9pZCI6Ijk4NzY1NDMyMTAifQ", "webhook.forged")]
    public async Task A_signed_request_that_was_not_signed_by_the_platform_is_refused(string body, string code) =>
        (await Instagram(body)).ShouldBeOfType<NoticeReading.Refused>().Code.ShouldBe(code);

    [Fact]
    public async Task A_removed_authorization_names_the_account_and_the_reason()
    {
        var lost = (await TikTok(Removed, Signature)).ShouldBeOfType<NoticeReading.AccessLost>();

        (lost.AccountKey, lost.Reason, lost.Code, lost.At).ShouldBe(("oid_1", InvalidReason.Revoked, "authorization.removed/1", At));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("s=83652ab5a82a64395dc02b2f46b645aed89094c0ec9ec3f87c523ed231f500cd")]
    [InlineData("t=1767225601,s=83652ab5a82a64395dc02b2f46b645aed89094c0ec9ec3f87c523ed231f500cd")]
    [InlineData("t=1767225600,s=00652ab5a82a64395dc02b2f46b645aed89094c0ec9ec3f87c523ed231f500cd")]
    public async Task A_notice_with_another_signature_is_refused(string? signature) =>
        (await TikTok(Removed, signature)).ShouldBeOfType<NoticeReading.Refused>().Code.ShouldBe("webhook.forged");

    [Fact]
    public async Task One_changed_byte_of_the_body_is_a_forgery() =>
        (await TikTok(Removed.Replace("oid_1", "oid_2"), Signature)).ShouldBeOfType<NoticeReading.Refused>().Code.ShouldBe("webhook.forged");

    [Theory]
    [InlineData("sha256=4c166c139fb15bf4adbda063a21a4c7d870270ce3473257f03812313995045bd", true)]
    [InlineData("sha256=0c166c139fb15bf4adbda063a21a4c7d870270ce3473257f03812313995045bd", false)]
    [InlineData("4c166c139fb15bf4adbda063a21a4c7d870270ce3473257f03812313995045bd", false)]
    [InlineData(null, false)]
    public async Task Other_webhooks_of_meta_are_told_from_forgeries_and_change_nothing(string? signature, bool isGenuine)
    {
        var reading = await instagram.Read(new("", Encoding.UTF8.GetBytes("{\"object\":\"instagram\",\"entry\":[]}"), name => name == "X-Hub-Signature-256" ? signature : null, At), default);

        (reading is NoticeReading.NotForUs, (reading as NoticeReading.Refused)?.Code).ShouldBe((isGenuine, isGenuine ? null : "webhook.forged"));
    }

    private ValueTask<NoticeReading> Instagram(string body, string kind = "deauthorize") =>
        instagram.Read(new(kind, Encoding.ASCII.GetBytes(body), _ => null, At), default);

    private ValueTask<NoticeReading> TikTok(string body, string? signature) =>
        tiktok.Read(new("", Encoding.UTF8.GetBytes(body), name => name == "TikTok-Signature" ? signature : null, At), default);
}
