using Outreach.Channels.Email;

namespace Outreach.Tests.Decisions;

public sealed class MailReportTests
{
    private static readonly Guid Delivery = Guid.CreateVersion7();

    [Fact]
    public async Task A_bounce_is_known_by_the_id_of_its_envelope()
    {
        var report = await Read(Report.Bounce($"{Delivery:N}.2", null, ("ana@creators.example", "failed", "5.1.1")));
        report.ShouldNotBeNull().DeliveryId.ShouldBe(Delivery);
        report.IsComplaint.ShouldBeFalse();
        report.Recipients.ShouldBe([new("ana@creators.example", "failed", "5.1.1")]);
    }

    [Theory]
    [InlineData("Message-ID: <{0:N}.1@mail.example>")]
    [InlineData("X-Delivery-Id: {0}")]
    public async Task A_bounce_without_an_envelope_id_is_known_by_the_headers_it_quotes(string header)
    {
        var report = await Read(Report.Bounce(null, string.Format(System.Globalization.CultureInfo.InvariantCulture, header, Delivery), ("a@b.example", "failed", "4.4.7")));
        report.ShouldNotBeNull().DeliveryId.ShouldBe(Delivery);
    }

    [Fact]
    public async Task A_code_with_a_comment_is_read_and_one_that_is_none_is_unspecified()
    {
        var report = await Read(Report.Bounce($"{Delivery:N}.1", null, ("a@b.example", "Failed", "5.2.2 (mailbox full)"), ("c@d.example", "delayed", "unknown")));
        report.ShouldNotBeNull().Recipients.ShouldBe([new("a@b.example", "failed", "5.2.2"), new("c@d.example", "delayed", "5.0.0")]);
    }

    [Fact]
    public async Task A_complaint_is_known_by_the_message_it_brings_along()
    {
        var report = await Read(Report.Complaint($"Message-ID: <{Delivery:N}.1@mail.example>", "ana@creators.example"));
        report.ShouldNotBeNull().DeliveryId.ShouldBe(Delivery);
        report.IsComplaint.ShouldBeTrue();
        report.Recipients.ShouldHaveSingleItem().Address.ShouldBe("ana@creators.example");
    }

    [Fact]
    public async Task A_feedback_that_is_no_complaint_is_none()
    {
        var report = await Read(Report.Complaint($"Message-ID: <{Delivery:N}.1@mail.example>", "ana@creators.example", "not-spam"));
        report.ShouldNotBeNull().IsComplaint.ShouldBeFalse();
        report.Recipients.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("Subject: I am on holiday\r\n\r\nBack in May.")]
    [InlineData("Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b--\r\n")]
    public async Task What_is_no_report_is_none(string message) => (await Read(message)).ShouldBeNull();

    [Fact]
    public async Task A_report_about_somebody_elses_message_names_no_delivery() =>
        (await Read(Report.Bounce("abc", "Message-ID: <1234@elsewhere.example>", ("a@b.example", "failed", "5.1.1")))).ShouldNotBeNull().DeliveryId.ShouldBeNull();

    private static Task<MailReport?> Read(string message) => MailReport.Read(message.AsStream(), TestContext.Current.CancellationToken);
}
