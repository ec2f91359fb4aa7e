using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Shouldly;
using Testing;
using Xunit;

namespace EventSourcing.Tests;

/// <summary>The routing key begins with the organization so that the broker itself can keep organizations apart.</summary>
public sealed class BrokerPermissionTests : IAsyncLifetime
{
    private readonly string name = $"aurora-{Guid.NewGuid():N}";
    private HttpClient management = null!;

    public async ValueTask InitializeAsync()
    {
        var address = await BackingServices.RabbitMqManagement();
        management = new() { BaseAddress = new($"{address.Scheme}://{address.Authority}") };
        management.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(address.UserInfo)));
    }

    public async ValueTask DisposeAsync()
    {
        await management.DeleteAsync($"/api/users/{name}");
        management.Dispose();
    }

    [Fact]
    public async Task A_subscriber_whose_broker_account_is_an_organizations_can_bind_to_that_organizations_events_only()
    {
        var host = await BackingServices.CreateVirtualHost();
        await Grant(host);
        await using var connection = await new ConnectionFactory { Uri = new UriBuilder(host) { UserName = name, Password = name }.Uri }.CreateConnectionAsync(TestContext.Current.CancellationToken);

        await Bind(connection, "aurora.connections.*");
        foreach (var other in (string[])["borealis.#", "#", "*.connections.ConnectionGranted"])
        {
            (await Should.ThrowAsync<OperationInterruptedException>(() => Bind(connection, other))).ShutdownReason!.ReplyCode.ShouldBe((ushort)403, other);
        }
    }

    private static async Task Bind(IConnection connection, string routingKey)
    {
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync("aurora-listener", durable: true, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync("aurora-listener", "events", routingKey);
    }

    // What contracts/README.md tells an operator to grant.
    private async Task Grant(Uri host)
    {
        await using (var owner = await new ConnectionFactory { Uri = host }.CreateConnectionAsync())
        await using (var channel = await owner.CreateChannelAsync())
        {
            await channel.ExchangeDeclareAsync("events", ExchangeType.Topic, durable: true);
        }

        var virtualHost = host.AbsolutePath.Trim('/');
        foreach (var (path, body) in (IEnumerable<(string, object)>)
        [
            ($"/api/users/{name}", new { password = name, tags = "" }),
            ($"/api/permissions/{virtualHost}/{name}", new { configure = "^aurora-", write = "^aurora-", read = "^(aurora-|events$)" }),
            ($"/api/topic-permissions/{virtualHost}/{name}", new { exchange = "events", write = "^$", read = @"^aurora\." }),
        ])
        {
            (await management.PutAsJsonAsync(path, body)).EnsureSuccessStatusCode();
        }
    }
}
