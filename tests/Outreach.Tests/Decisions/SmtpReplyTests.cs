using MailKit.Net.Smtp;
using Outreach.Channels;
using Outreach.Channels.Email;

namespace Outreach.Tests.Decisions;

public sealed class SmtpReplyTests
{
    [Theory]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "5.1.1 <ana@creators.example>: no such user", "mailbox-unknown", "5.1.1")]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 551, "5.1.6 moved away", "mailbox-unknown", "5.1.6")]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "5.1.10 null MX", "address-invalid", "5.1.10")]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 552, "5.2.2 over quota", "mailbox-full", "5.2.2")]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "5.2.1 disabled", "mailbox-disabled", "5.2.1")]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "5.7.1 relaying denied", "policy-rejected", "5.7.1")]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "no such user", "mailbox-unavailable", null)]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "4.1.1 a code of another class", "mailbox-unavailable", null)]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 550, "see 5.1.1", "mailbox-unavailable", null)]
    [InlineData(SmtpErrorCode.SenderNotAccepted, 553, "5.1.8 bad sender domain", "sender-refused", "5.1.8")]
    [InlineData(SmtpErrorCode.SenderNotAccepted, 550, "go away", "sender-refused", null)]
    [InlineData(SmtpErrorCode.MessageNotAccepted, 552, "5.3.4 too big", "message-too-large", "5.3.4")]
    [InlineData(SmtpErrorCode.MessageNotAccepted, 554, "5.7.1 spam", "policy-rejected", "5.7.1")]
    [InlineData(SmtpErrorCode.MessageNotAccepted, 554, "5.6.0 bad content", "rejected", "5.6.0")]
    [InlineData(SmtpErrorCode.MessageNotAccepted, 554, "no", "rejected", null)]
    public void A_refusal_for_good_has_its_word(SmtpErrorCode about, int status, string text, string reason, string? code) =>
        SmtpReply.Meaning(about, status, text).ShouldBe(new Answer.Refused(reason, code));

    [Theory]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 451, "4.7.1 greylisted", "greylisted", "4.7.1")]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 452, "4.2.2 over quota", "mailbox-full", "4.2.2")]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 450, "4.2.1 busy", "mailbox-busy", "4.2.1")]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 450, "try again", "mailbox-busy", null)]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, 421, "4.7.28 too many from you", "server-busy", "4.7.28")]
    [InlineData(SmtpErrorCode.MessageNotAccepted, 451, "4.3.0 out of order", "server-busy", "4.3.0")]
    [InlineData(SmtpErrorCode.UnexpectedStatusCode, 535, "5.7.8 who are you", "login-refused", "5.7.8")]
    public void A_refusal_for_now_has_its_word(SmtpErrorCode about, int status, string text, string reason, string? code) =>
        SmtpReply.Meaning(about, status, text).ShouldBe(new Answer.TryLater(reason, code));

    [Theory]
    [InlineData("5.1.1", "mailbox-unknown", true)]
    [InlineData("5.2.1", "mailbox-disabled", true)]
    [InlineData("5.2.2", "mailbox-full", false)]
    [InlineData("5.7.1", "policy-rejected", false)]
    [InlineData("5.0.0", "bounced", false)]
    [InlineData("4.2.2", "mailbox-full", false)]
    [InlineData("4.4.7", "not-delivered-in-time", false)]
    public void A_report_has_its_word_and_only_a_dead_address_is_dead(string code, string reason, bool isDead)
    {
        SmtpReply.OfReport(code).ShouldBe(reason);
        SmtpReply.IsDeadAddress(code).ShouldBe(isDead);
    }
}
