using EventSourcing.Operations;
using Marten;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Npgsql;
using RabbitMQ.Client;

namespace EventSourcing;

/// <summary>Connects a service to the broker the one way all services do: relay out, inbox in, retry before the error queue.</summary>
public static class ServiceBus
{
    /// <summary>Registers relay, inbox and consumers of one service. Call after <see cref="EventStore.AddEventStore"/>.</summary>
    public static void AddIntegration(this IHostApplicationBuilder builder, string service, Action<IntegrationMap> configure)
    {
        var map = new IntegrationMap();
        configure(map);
        var broker = BrokerAddress.From(builder.Configuration);
        var runsRelay = (builder.Configuration.GetSection("EventStore").Get<EventStoreOptions>() ?? new()).RunDaemon;

        builder.Services.AddSingleton(map);
        builder.Services.AddSingleton<Inbox>();
        builder.Services.AddSingleton<IConnectionFactory>(broker.Factory(service));
        builder.Services.AddSingleton<SubscriberRegister>();
        builder.Services.AddMassTransit(bus =>
        {
            // Without the broker the service goes on: events wait in the store. To give it no work would make an outage of a delay.
            bus.ConfigureHealthCheckOptions(options => options.MinimalFailureStatus = HealthStatus.Degraded);

            // The library would report how it is used to its makers. Nothing leaves this system unasked.
            bus.ConfigureUsageTelemetryOptions(options => options.Enabled = false);
            foreach (var subscription in map.Subscriptions)
            {
                bus.AddConsumer(subscription.Consumer).Endpoint(endpoint => endpoint.Name = subscription.QueueIn(service));
            }

            // Here and not inside UsingRabbitMq, where a test harness would silently drop it.
            bus.AddConfigureEndpointsCallback((_, _, endpoint) =>
            {
                endpoint.PrefetchCount = 800;
                endpoint.ConcurrentMessageLimit = 800;
                endpoint.UseMessageRetry(retry => retry.Exponential(4, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(300)));
                if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
                {
                    rabbit.SetQuorumQueue();
                }
            });

            bus.UsingRabbitMq((context, cfg) =>
            {
                cfg.Host(broker.First, host =>
                {
                    host.RequestedConnectionTimeout(TimeSpan.FromSeconds(5));
                    if (broker.Nodes.Count > 1)
                    {
                        host.UseCluster(cluster =>
                        {
                            foreach (var node in broker.Hosts)
                            {
                                cluster.Node(node);
                            }
                        });
                    }
                });

                // The body is the contract's JSON and nothing else, so that any AMQP client reads it; ids and types travel in headers.
                cfg.UseRawJsonSerializer(RawSerializerOptions.AddTransportHeaders | RawSerializerOptions.CopyHeaders, isDefault: true);
                cfg.ConfigureEndpoints(context);
            });
        });
        builder.Services.Configure<MassTransitHostOptions>(options =>
        {
            // A host stopped while still starting would push what it had fetched into error queues.
            options.WaitUntilStarted = true;
            options.StopTimeout = TimeSpan.FromSeconds(20);
        });

        if (map.Subscriptions.Count > 0)
        {
            builder.Services.AddSingleton<InboxRetention>();
            builder.Services.AddHostedService(services => services.GetRequiredService<InboxRetention>());
            builder.Services.AddHostedService(services => new SubscriptionMarks(service, map, services.GetRequiredService<SubscriberRegister>(), services.GetRequiredService<IBusControl>()));
            builder.Services.AddDeadLetters(_ => [.. map.Subscriptions.Select(subscription => subscription.QueueIn(service))]);
            builder.Services.AddHealthChecks().AddCheck<DeadLetterHealth>("dead-letters", HealthStatus.Degraded, ["ready", "spoken"]);
        }

        if (map.Publications.Count > 0)
        {
            builder.Services.AddSingleton(services => new EventFeed(service, map, services.GetRequiredService<IDocumentStore>(), services.GetRequiredService<NpgsqlDataSource>()));
            builder.Services.AddSingleton<FeedWatch>();
            builder.Services.AddReplays(runsRelay);
            builder.Services.ConfigureMarten((_, options) => options.Events.AddEventTypes(map.Publications.Keys));
        }

        if (runsRelay && map.Publications.Count > 0)
        {
            builder.Services.AddSingleton<IntegrationRelay>();
            builder.Services.ConfigureMarten((services, options) =>
                options.Projections.Subscribe(services.GetRequiredService<IntegrationRelay>(), subscription => subscription.Options.BatchSize = 1000));
        }
    }

    /// <summary>Marks the subscriptions as bound once the bus has declared them.</summary>
    private sealed class SubscriptionMarks(string service, IntegrationMap map, SubscriberRegister register, IBusControl bus) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    await bus.WaitForHealthStatus(BusHealthStatus.Healthy, TimeSpan.FromMinutes(1));
                    await register.Mark(service, map.Subscriptions.Select(subscription => subscription.Message).Distinct(), stoppingToken);
                    return;
                }
                catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken);
                }
            }
        }
    }
}
