using Npgsql;
using Shouldly;
using Testing;
using Xunit;

namespace EventSourcing.Tests;

/// <summary>A broker that loses its power. By itself: what takes the time is the wait between two attempts to connect, in which other tests can run.</summary>
public sealed class BrokerRestartTests
{
    [Fact]
    public async Task A_broker_that_restarts_in_the_middle_costs_time_and_no_event()
    {
        var (workshopDatabase, shopDatabase) = (await BackingServices.CreateDatabase("workshop"), await BackingServices.CreateDatabase("shop"));

        // Disposed of after the services: one that stops while its broker is gone keeps trying to reach it.
        await using var flaky = await PrivateBroker.Launch();

        // RabbitMQ writes down where a new quorum queue lies half a second later. Killed before, it comes back with a queue that
        // rejects every message for good (3.10.8), so the queues go through an orderly stop first, as those of a service have long done.
        await (await Service.Shop(shopDatabase, flaky.Uri)).DisposeAsync();
        await flaky.Stop();
        await flaky.Start();
        await using var workshop = await Service.Workshop(workshopDatabase, flaky.Uri);
        await using var shop = await Service.Shop(shopDatabase, flaky.Uri);
        var before = await workshop.Make();
        await Eventually.Get(() => shop.Display(before), display => display is not null);

        await flaky.Kill();
        var during = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => workshop.Make()));
        await flaky.Start();
        var after = await workshop.Make();

        // The bus waits up to half a minute between two attempts to connect, and a broker that has just come up may fail the first.
        foreach (var id in (Guid[])[.. during, after])
        {
            await Eventually.Get(() => shop.Display(id), display => display is not null, within: TimeSpan.FromMinutes(3));
        }

        await using var source = NpgsqlDataSource.Create(shopDatabase);
        await using var count = source.CreateCommand("select count(*) from shop.inbox");
        (await count.ExecuteScalarAsync()).ShouldBe(22L);
    }
}
