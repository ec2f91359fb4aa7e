using Shouldly;
using Xunit;

namespace EventSourcing.Tests;

public sealed class BrokerAddressTests
{
    [Fact]
    public void One_address_is_one_broker()
    {
        var address = BrokerAddress.Parse("amqp://guest:secret@rabbit/orders");
        address.Hosts.ShouldBe(["rabbit:5672"]);
        var factory = address.Factory("campaign");
        (factory.UserName, factory.Password, factory.VirtualHost).ShouldBe(("guest", "secret", "orders"));
    }

    [Fact]
    public void Several_are_nodes_of_a_cluster()
    {
        var address = BrokerAddress.Parse("amqps://guest:secret@one/orders, amqp://two:6000,amqp://three:5673/orders");
        address.Hosts.ShouldBe(["one:5671", "two:6000", "three:5673"]);
        address.Factory("campaign").EndpointResolverFactory([]).All().Select(endpoint => (endpoint.HostName, endpoint.Port, endpoint.Ssl.Enabled))
            .ShouldBe([("one", 5671, true), ("two", 6000, false), ("three", 5673, false)], ignoreOrder: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData("rabbit:5672")]
    [InlineData("http://guest:secret@rabbit")]
    [InlineData("amqp://guest:secret@rabbit,two:6000")]
    public void What_cannot_be_read_is_told_without_its_password(string text)
    {
        var told = Should.Throw<InvalidOperationException>(() => BrokerAddress.Parse(text)).Message;
        told.ShouldContain("ConnectionStrings__rabbitmq");
        told.ShouldNotContain("secret");
    }
}
