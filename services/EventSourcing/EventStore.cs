using JasperFx;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.MultiTenancy;
using Marten;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventSourcing;

/// <summary>What a service says about its event store in its <c>Wiring.cs</c>.</summary>
public sealed class EventStoreBuilder(StoreOptions options)
{
    /// <summary>Marten's own options: documents, projections, tables.</summary>
    public StoreOptions Options { get; } = options;

    /// <summary>Makes the events of a stream known to the store, so that a relay or projection can read them before this process first wrote one.</summary>
    public EventStoreBuilder Events(params IEnumerable<Type> types)
    {
        Options.Events.AddEventTypes(types);
        return this;
    }

    /// <summary>Adds a table to the store's schema, created and migrated with the rest.</summary>
    public EventStoreBuilder Table(Weasel.Postgresql.Tables.Table table)
    {
        Options.Storage.ExtendedSchemaObjects.Add(table);
        return this;
    }
}

/// <summary>Tuning of the event store's daemon. Section <c>EventStore</c>.</summary>
public sealed class EventStoreOptions
{
    /// <summary>Shortest time between two wake-ups of the daemon by its own or another replica's commits.</summary>
    public TimeSpan WakeWindow { get; set; } = TimeSpan.FromMilliseconds(15);

    /// <summary>Are commits signalled to the daemon? Without it the daemon polls only; the benchmark compares the two.</summary>
    public bool WakeOnCommit { get; set; } = true;

    /// <summary>Does this process take part in running projections and the relay? Off for one that only appends.</summary>
    public bool RunDaemon { get; set; } = true;

    /// <summary>Does the service bring its databases up to date when it starts? Off, it refuses to start on one that is not; see <see cref="Migrations"/>.</summary>
    public bool MigrateOnStart { get; set; } = true;

    /// <summary>How often a standby replica asks whether the leader is gone.</summary>
    public TimeSpan LeadershipPolling { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a projection or the relay may stand still behind committed events before health says so.</summary>
    public TimeSpan StuckAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a message id is remembered. Longer than any broker or operator would hold a message back.</summary>
    public TimeSpan InboxRetention { get; set; } = TimeSpan.FromDays(30);
}

/// <summary>Registers a service's Marten event store the one way all services do.</summary>
public static class EventStore
{
    /// <summary>
    /// The event store of one service: its database is the connection string of the same name, its schema is its name. Multi-tenant by
    /// organization, strict daemon, one leader among the replicas.
    /// </summary>
    public static void AddEventStore(this IHostApplicationBuilder builder, string service, Action<EventStoreBuilder> configure)
    {
        var settings = builder.Configuration.GetSection("EventStore").Get<EventStoreOptions>() ?? new();
        var connectionString = builder.Configuration.GetConnectionString(service)
            ?? throw new InvalidOperationException($"The connection string \"{service}\" is missing: set ConnectionStrings__{service} to the PostgreSQL database of this service.");

        // On any failed statement, an ordinary lost race included, Marten logs it with its parameters, which are events and documents:
        // personal data. The faults themselves reach our logs as exceptions where they are handled.
        builder.Logging.AddFilter("Marten.IDocumentStore", LogLevel.None);
        builder.Logging.AddFilter("Npgsql.Command", LogLevel.Critical);

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(settings);
        builder.Services.TryAddSingleton(services =>
        {
            var source = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = service }.ConnectionString);
            source.UseLoggerFactory(services.GetService<ILoggerFactory>());
            return source.Build();
        });
        builder.Services.AddSingleton(services => new AppendSignal($"{service.Replace('-', '_')}_appended", settings.WakeWindow, services.GetRequiredService<ILogger<AppendSignal>>()));
        builder.Services.AddSingleton<StreamSessions>();
        builder.Services.AddScoped<OrganizationScope>();
        builder.Services.AddScoped(services => services.GetRequiredService<StreamSessions>().For(services));

        // First of all that is hosted: whatever starts after it finds the tables.
        builder.Services.AddSingleton<Migrations>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Migrations>());

        var marten = builder.Services.AddMarten(services =>
        {
            var options = new StoreOptions { DatabaseSchemaName = service.Replace('-', '_'), DisableNpgsqlLogging = true };
            options.UseSystemTextJsonForSerialization();

            // Only the migrations change a schema, never a statement that happens to miss a table.
            options.AutoCreateSchemaObjects = AutoCreate.None;
            options.Policies.AllDocumentsAreMultiTenanted();

            options.Events.TenancyStyle = TenancyStyle.Conjoined;
            options.Events.StreamIdentity = StreamIdentity.AsGuid;
            options.Events.AppendMode = EventAppendMode.Quick;
            options.Events.TimeProvider = services.GetRequiredService<TimeProvider>();
            options.Events.MetadataConfig.EnableAll();

            options.Projections.Errors.SkipApplyErrors = false;
            options.Projections.Errors.SkipSerializationErrors = false;
            options.Projections.Errors.SkipUnknownEvents = false;
            options.Projections.RebuildErrors.SkipApplyErrors = false;
            options.Projections.RebuildErrors.SkipSerializationErrors = false;
            options.Projections.RebuildErrors.SkipUnknownEvents = false;
            options.Projections.LeadershipPollingTime = (int)settings.LeadershipPolling.TotalMilliseconds;
            options.OpenTelemetry.TrackEventCounters();

            // The daemon would begin a trace of its own every time it looks for events, once a second and more, and bury all others.
            ((DaemonSettings)options.Projections).ActivitySource = null;

            if (settings.WakeOnCommit)
            {
                var signal = services.GetRequiredService<AppendSignal>();
                options.Projections.Wakeup = signal;
                options.Listeners.Add(signal);
            }

            InboxTable.AddTo(options);
            FeedIndex.AddTo(options);
            configure(new EventStoreBuilder(options));
            return options;
        }).UseNpgsqlDataSource().UseLightweightSessions();

        if (settings.RunDaemon)
        {
            marten.AddAsyncDaemon(DaemonMode.HotCold);
        }

        if (settings.WakeOnCommit)
        {
            builder.Services.AddHostedService<AppendSignalStarter>();
        }

        builder.Services.AddHealthChecks().AddCheck<DaemonHealth>("event-store", tags: ["ready"]);
        builder.Services.AddSingleton<DaemonHealth>();
    }

    private sealed class AppendSignalStarter(AppendSignal signal, NpgsqlDataSource source) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            signal.Start(source);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => signal.DisposeAsync().AsTask();
    }
}
