using EventSourcing;
using Connections.Features;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Connections.Vault;

/// <summary>The vault with its keys, their store and the workers that move and destroy them.</summary>
internal static class VaultRegistration
{
    private const string Transit = "transit";

    /// <summary>Call it after the event store, whose database it refuses to keep keys in, and before the workers that need it.</summary>
    public static void AddTokenVault(this IHostApplicationBuilder builder)
    {
        var keys = Database(builder.Configuration, "keys");
        if (IsSame(keys, Database(builder.Configuration, "connections")))
        {
            throw new InvalidOperationException("The connection strings \"keys\" and \"connections\" name one database. Keys need another one: a backup that holds both protects nobody.");
        }

        builder.Services.AddOptions<TokenVaultOptions>().BindConfiguration("TokenVault").ValidateDataAnnotations()
            .Validate(options => options.Transit is not { } transit || IsComplete(transit), "TokenVault:Transit needs Address (https, unless it is this machine), Key, and either Token or TokenFile.")
            .ValidateOnStart();
        builder.Services.AddSingleton(services => services.GetRequiredService<IOptions<TokenVaultOptions>>().Value);
        builder.Services.AddSingleton(services => new KeyStore(
            keys, services.GetRequiredService<NpgsqlDataSource>(), services.GetRequiredService<TimeProvider>(), services.GetService<ILoggerFactory>()));
        builder.Services.AddSingleton<IMigration>(services => services.GetRequiredService<KeyStore>());
        builder.Services.AddSingleton<ICreatorKeyStore>(services => services.GetRequiredService<KeyStore>());
        builder.Services.AddSingleton<KeyCache>();
        builder.Services.AddSingleton(Encryption);
        builder.Services.AddSingleton<CreatorKeys>();
        builder.Services.AddSingleton<TokenLookups>();
        builder.Services.AddSingleton<TokenVault>();
        builder.Services.AddSingleton<KeyCensus>();
        builder.Services.AddSingleton<Erasures>();
        builder.Services.AddHealthChecks().AddCheck<KeyCensus>("token-vault", HealthStatus.Degraded, ["ready"]);

        // No request logging and no retries by handlers: these headers and bodies hold secrets, and whoever asked decides about asking again.
        var client = builder.Services.AddHttpClient(Transit, (services, http) => http.Timeout = services.GetRequiredService<TokenVaultOptions>().Transit!.Timeout).RemoveAllLoggers();
#pragma warning disable EXTEXP0001 // Marked as subject to change; it takes the handlers of ServiceDefaults off this one client.
        client.RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001

        builder.Services.AddHostedService<Start>();
        builder.Services.AddHostedService<RewrapKeys>();
        builder.Services.AddHostedService<FinishErasures>();
    }

    private static IKeyEncryption Encryption(IServiceProvider services)
    {
        var options = services.GetRequiredService<TokenVaultOptions>();
        var local = new LocalKeyRing(options);
        if (options.Transit is not { } settings)
        {
            return local;
        }

        var clients = services.GetRequiredService<IHttpClientFactory>();
        var transit = new TransitKeys(settings, () => clients.CreateClient(Transit));
        return new ConfiguredKeys(options.ActiveKeyId is null ? transit : local, [transit, local]);
    }

    private static bool IsComplete(TransitOptions transit) =>
        transit is { Address: { IsAbsoluteUri: true } address, Mount.Length: > 0, Key.Length: > 0 } && (address.Scheme == Uri.UriSchemeHttps || address.IsLoopback)
        && (transit.Token is { Length: > 0 } || transit.TokenFile is { Length: > 0 });

    private static string Database(IConfiguration configuration, string name) => configuration.GetConnectionString(name)
        ?? throw new InvalidOperationException($"The connection string \"{name}\" is missing: set ConnectionStrings__{name} to a PostgreSQL database.");

    private static bool IsSame(string one, string other)
    {
        var (a, b) = (new NpgsqlConnectionStringBuilder(one), new NpgsqlConnectionStringBuilder(other));
        return (a.Host, a.Port, a.Database) == (b.Host, b.Port, b.Database);
    }

    /// <summary>Reads the keys, so that a wrong setting stops the start and not the first creator.</summary>
    private sealed class Start(IServiceProvider services) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            services.GetRequiredService<TokenVault>();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
