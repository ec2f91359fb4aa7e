using JasperFx;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weasel.Core.Migrations;

namespace EventSourcing;

/// <summary>Something a service changes in its databases that is no table of the store: an index, a view, a row computed anew. May be run again at any time.</summary>
public interface IMigration
{
    /// <summary>Changes it. The tables of the store are as this version wants them.</summary>
    Task Migrate(CancellationToken ct);
}

/// <summary>
/// Brings a service's databases to what this version needs: by itself when the service starts, or as a step of its own before that, under a role that may
/// change schemas where the service's may not.
/// </summary>
public sealed partial class Migrations(IDocumentStore store, IEnumerable<IMigration> steps, EventStoreOptions settings, ILogger<Migrations> logger) : IHostedService
{
    /// <summary>The program's argument for the step of its own: it migrates and ends.</summary>
    public const string Argument = "--migrate";

    /// <summary>Changes what has to be changed; replicas that start together take turns.</summary>
    public async Task Apply(CancellationToken ct)
    {
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync(AutoCreate.CreateOrUpdate);
        foreach (var step in steps)
        {
            await step.Migrate(ct);
        }
    }

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (settings.MigrateOnStart)
        {
            await Apply(cancellationToken);
            return;
        }

        try
        {
            await store.Storage.Database.AssertDatabaseMatchesConfigurationAsync(cancellationToken);
        }
        catch (DatabaseValidationException)
        {
            // The exception's own text is the whole script; the operator needs the one sentence.
            throw new InvalidOperationException($"The database is not as this version needs it. Run this program once with {Argument}, under a role that may change the schema, then start it again.");
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>For <see cref="MigrationRun.RunOrMigrate"/>.</summary>
    internal async Task<int> Once(CancellationToken ct)
    {
        await Apply(ct);
        Migrated();
        return 0;
    }

    [LoggerMessage(LogLevel.Information, "The database is as this version needs it.")]
    private partial void Migrated();
}

/// <summary>The two ways to run a service's program.</summary>
public static class MigrationRun
{
    /// <summary>Runs the service; with <see cref="Migrations.Argument"/> it migrates instead, and ends with 0 when that is done.</summary>
    public static async Task<int> RunOrMigrate(this WebApplication app, string[] args)
    {
        if (args.Contains(Migrations.Argument))
        {
            await using (app)
            {
                return await app.Services.GetRequiredService<Migrations>().Once(CancellationToken.None);
            }
        }

        await app.RunAsync();
        return 0;
    }
}
