using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventSourcing.Operations;

/// <summary>What the routes of <see cref="OperationsEndpoints"/> work with.</summary>
internal static class OperationsRegistration
{
    public static void AddStoreOperations(this IServiceCollection services, bool runsDaemon)
    {
        services.AddSingleton<OperatorAudit>();
        services.AddSingleton<Shards>();
        if (runsDaemon)
        {
            services.AddHostedService<ShardKeeper>();
        }
    }

    public static void AddDeadLetters(this IServiceCollection services, string service, IntegrationMap map)
    {
        services.TryAddSingleton<Broker>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<DeadLetters>(provider, service, map));
    }

    public static void AddReplays(this IServiceCollection services, bool runs)
    {
        services.TryAddSingleton<Broker>();
        services.AddSingleton<ReplayTable>();
        services.AddSingleton<Replays>();
        if (runs)
        {
            services.AddHostedService(provider => provider.GetRequiredService<Replays>());
        }
    }
}
