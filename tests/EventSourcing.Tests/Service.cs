using System.Diagnostics;
using EventSourcing.Tests.Wire;
using JasperFx.Events;
using Marten;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventSourcing.Tests;

/// <summary>One running replica of a service that is wired as the real ones are.</summary>
public sealed class Service(IHost host) : IAsyncDisposable
{
    public IDocumentStore Store => host.Services.GetRequiredService<IDocumentStore>();

    public T Get<T>()
        where T : notnull
        => host.Services.GetRequiredService<T>();

    public StreamSession Session(string organization = "aurora") => Get<StreamSessions>().For(organization);

    public static Task<Service> Workshop(string database, Uri broker, params (string Key, string Value)[] settings) => Start("workshop", database, broker, map => map
        .Publish<Made, LampMade>(e => new LampMade { OrganizationId = e.TenantId, LampId = e.StreamId, Colour = e.Data.Colour, Sequence = e.Version }, "shop")
        .Publish<Lit, LampLit>(e => new LampLit { OrganizationId = e.TenantId, LampId = e.StreamId, Sequence = e.Version }, "shop"), settings);

    /// <summary>A version of it that has never heard of lamps that are lit.</summary>
    public static Task<Service> OlderWorkshop(string database, Uri broker) => Start(
        "workshop", database, broker, map => map.Publish<Made, LampMade>(e => new LampMade { OrganizationId = e.TenantId, LampId = e.StreamId, Colour = e.Data.Colour, Sequence = e.Version }, "shop"), [], typeof(Made));

    public static Task<Service> Shop(string database, Uri broker, params (string Key, string Value)[] settings) => Start("shop", database, broker, map => map
        .Consume<LampMade, OnLampMade>()
        .Consume<LampLit, OnLampLit>(), settings);

    /// <summary>A shop that does two things about one message.</summary>
    public static Task<Service> OrderingShop(string database, Uri broker) => Start("shop", database, broker, map => map
        .Consume<LampMade, OnLampMade>()
        .Consume<LampMade, OnLampMadeOrder>("orders"), []);

    public async Task<Guid> Make(string colour = "green", string organization = "aurora")
    {
        var id = Guid.CreateVersion7();
        await using var session = Session(organization);
        await session.DecideAndSave<Lamp>(id, lamp => Lamp.Make(lamp, colour), default);
        return id;
    }

    public async Task Light(Guid id, string organization = "aurora")
    {
        await using var session = Session(organization);
        await session.DecideAndSave<Lamp>(id, Lamp.Light, default);
    }

    public async Task<Display?> Display(Guid id, string organization = "aurora")
    {
        await using var session = Session(organization);
        return await session.Load<Display>(id, default);
    }

    public async Task<IReadOnlyList<IEvent>> Events(Guid id, string organization = "aurora")
    {
        await using var session = Store.QuerySession(organization);
        return await session.Events.FetchStreamAsync(id);
    }

    public async Task<long> EventCount()
    {
        await using var session = Store.QuerySession("aurora");
        return await session.Events.QueryAllRawEvents().CountAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        if (host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }

    private static async Task<Service> Start(string name, string database, Uri broker, Action<IntegrationMap> map, (string Key, string Value)[] settings, params Type[] events)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [$"ConnectionStrings:{name}"] = database,
            ["ConnectionStrings:rabbitmq"] = broker.ToString(),
        }.Concat(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))));
        builder.Logging.ClearProviders();
        if (Debugger.IsAttached || Environment.GetEnvironmentVariable("TEST_LOG") is not null)
        {
            builder.Logging.AddSimpleConsole(console => console.TimestampFormat = "HH:mm:ss.fff ");
        }

        builder.AddEventStore(name, store => store.Events(events.Length > 0 ? events : [typeof(Made), typeof(Lit), typeof(Broken), typeof(Shown), typeof(Ordered)]));
        builder.AddIntegration(name, map);
        var host = builder.Build();
        await host.StartAsync();
        return new(host);
    }
}
