using EventSourcing;
using EventSourcing.Operations;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using ServiceDefaults;
using Webhooks.Features;
using Webhooks.Intake;
using Webhooks.Sending;

namespace Webhooks;

/// <summary>What this service is made of; the only place that reads its options.</summary>
public static class Wiring
{
    public static void AddWebhooks(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSettings<SecretOptions>(SecretOptions.Section);
        services.AddSettings<DestinationOptions>(DestinationOptions.Section);
        services.AddSettings<SendingOptions>(SendingOptions.Section);
        services.AddSettings<IntakeOptions>(IntakeOptions.Section);
        services.AddSettings<RetentionOptions>(RetentionOptions.Section);

        builder.AddEventStore("webhooks", store => store
            .Events(
                typeof(EndpointRegistered), typeof(EndpointChanged), typeof(EndpointPaused), typeof(EndpointResumed), typeof(SecretRotated), typeof(PreviousSecretsEnded),
                typeof(EndpointRemoved))
            .Table(EndpointTable.Endpoints())
            .Table(EndpointTable.SecretTable())
            .Table(EndpointTable.Removed())
            .Table(MessageTable.Messages())
            .Table(DeliveryTable.Deliveries())
            .Table(DeliveryTable.AttemptsTable())
            .Table(Lanes.Table()));

        // Messages of every type, future ones included, are bytes to this service: it consumes one queue by the bare client and publishes nothing.
        var broker = BrokerAddress.From(builder.Configuration).Factory("webhooks");
        (broker.AutomaticRecoveryEnabled, broker.RequestedHeartbeat, broker.RequestedConnectionTimeout) = (false, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5));
        services.AddSingleton<IConnectionFactory>(broker);
        services.AddDeadLetters(provider => [provider.GetRequiredService<IntakeOptions>().Queue]);

        services.AddOpenApi(ApiDocument.Of(Api.Description));
        services.AddSingleton<SecretVault>();
        services.AddSingleton<EndpointTable>();
        services.AddSingleton<MessageTable>();
        services.AddSingleton<DeliveryTable>();
        services.AddSingleton<Lanes>();
        services.AddSingleton<Endings>();
        services.AddSingleton<Logbook>();
        services.AddSingleton<Destinations>();
        services.AddSingleton<Courier>();
        services.AddSingleton<Retention>();
        services.AddSingleton<WorkSignal>();
        services.AddSingleton<PauseEndpoint>();
        services.AddSingleton<TakeInEvents>();
        services.AddHostedService(provider => provider.GetRequiredService<TakeInEvents>());
        services.AddHostedService<DeliverWebhooks>();
        services.AddHostedService<ForgetMessages>();

        services.AddRowGauge(
            "Webhooks", "webhook.waiting", "{delivery}", "Deliveries that wait to be sent, now or later.", [], _ => "select count(*) from webhooks.delivery where state = 'Waiting'");
        services.AddHealthChecks()
            .AddCheck<IntakeHealth>("intake", HealthStatus.Degraded, [Health.Ready, Health.Spoken])
            .AddCheck<SendingHealth>("deliveries", HealthStatus.Degraded, [Health.Ready, Health.Spoken])
            .AddCheck<DeadLetterHealth>("dead-letters", HealthStatus.Degraded, [Health.Ready, Health.Spoken]);
    }

    private static void AddSettings<T>(this IServiceCollection services, string section)
        where T : class
    {
        services.AddOptions<T>().BindConfiguration(section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<T>>().Value);
    }
}
