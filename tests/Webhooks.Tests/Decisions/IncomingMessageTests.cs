using System.Text;
using System.Text.Json;
using EventSourcing;
using RabbitMQ.Client;
using Webhooks.Intake;

namespace Webhooks.Tests.Decisions;

public sealed class IncomingMessageTests
{
    private static readonly Guid Id = Guid.CreateVersion7();
    private static readonly BasicProperties Properties = new()
    {
        MessageId = Id.ToString(),
        CorrelationId = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736",
        Headers = new Dictionary<string, object?>
        {
            ["organization"] = Encoding.UTF8.GetBytes("aurora"),
            ["subject"] = Encoding.UTF8.GetBytes("019a3c5e-7b1d-7c2a-9f40-2d6c1e8a5b73"),
            ["traceparent"] = Encoding.UTF8.GetBytes("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
            ["MT-MessageType"] = Encoding.UTF8.GetBytes("of the library we use"),
        },
    };

    [Fact]
    public void A_receiver_reads_an_item_of_the_feed_without_its_cursor()
    {
        var message = IncomingMessage.Read("aurora.connections.ConnectionGranted", Properties, """{"organizationId":"aurora","sequence":7,"name":"Zoë"}"""u8.ToArray(), out _)!;

        using var body = JsonDocument.Parse(message.Body);
        string[] ofTheFeed = [.. typeof(FeedItem).GetProperties().Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name))];
        body.RootElement.EnumerateObject().Select(member => member.Name).ShouldBe(ofTheFeed.Where(name => name != "cursor"));
        body.RootElement.GetProperty("headers").EnumerateObject().Select(header => header.Name).ShouldBe(["organization", "subject", "traceparent"]);
        body.RootElement.GetProperty("body").GetProperty("name").GetString().ShouldBe("Zoë");
        (message.Organization, message.Id, message.Type, message.Subject, message.Sequence).ShouldBe(("aurora", Id, "ConnectionGranted", "019a3c5e-7b1d-7c2a-9f40-2d6c1e8a5b73", 7));
    }

    [Theory]
    [InlineData("aurora.connections", "{}")]
    [InlineData("Not-An-Organization!.connections.ConnectionGranted", "{}")]
    [InlineData("aurora.connections.ConnectionGranted.More", "{}")]
    [InlineData("aurora.connections.ConnectionGranted", "")]
    [InlineData("aurora.connections.ConnectionGranted", "[]")]
    [InlineData("aurora.connections.ConnectionGranted", "{\"a\":")]
    public void What_is_no_event_of_ours_is_not_read_and_it_is_said_why(string routingKey, string body)
    {
        IncomingMessage.Read(routingKey, Properties, Encoding.UTF8.GetBytes(body), out var flaw).ShouldBeNull();
        flaw.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public void A_message_without_an_id_is_not_read() =>
        IncomingMessage.Read("aurora.connections.ConnectionGranted", new BasicProperties(), "{}"u8.ToArray(), out _).ShouldBeNull();

    [Theory]
    [InlineData("urn:message:CreatorConnections.Contracts.Connections:ConnectionGranted", "ConnectionGranted")]
    [InlineData("urn:message:CreatorConnections.Contracts.Connections:ConnectionGranted;urn:message:Other:Other", "ConnectionGranted")]
    [InlineData("of the library we use", null)]
    public void What_comes_straight_to_the_queue_says_in_its_headers_what_it_is(string types, string? type)
    {
        var properties = new BasicProperties { MessageId = Id.ToString(), Headers = new Dictionary<string, object?> { ["organization"] = "aurora", ["MT-MessageType"] = types } };

        var message = IncomingMessage.Read("webhooks-events", properties, "{}"u8.ToArray(), out _);

        message?.Type.ShouldBe(type);
        (message is null).ShouldBe(type is null);
    }
}
