using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventSourcing.Operations;

/// <summary>What the routes of <see cref="OperationsEndpoints"/> work with.</summary>
public static class OperationsRegistration
{
    internal static void AddStoreOperations(this IServiceCollection services, bool runsDaemon)
    {
        services.AddSingleton<OperatorAudit>();
        services.AddSingleton<Shards>();
        if (runsDaemon)
        {
            services.AddHostedService<ShardKeeper>();
        }
    }

    /// <summary>What these queues' consumers cannot take in is for operators. Services on the bus have it already; this is for one that consumes by a client of its own.</summary>
    public static void AddDeadLetters(this IServiceCollection services, Func<IServiceProvider, IReadOnlyList<string>> queues)
    {
        services.TryAddSingleton<Broker>();
        services.AddSingleton<DeadLetterGauge>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<DeadLetters>(provider, queues(provider)));
    }

    internal static void AddReplays(this IServiceCollection services, bool runs)
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
