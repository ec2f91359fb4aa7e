using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServiceDefaults;

namespace Demo;

/// <summary>Fills the demo organization, or goes on where that was broken off. Answers whether there was anything to do.</summary>
public delegate Task<bool> Seed(CancellationToken ct);

/// <summary>The program in its two forms: one that fills and ends, and one that stays to be asked again.</summary>
public static class DemoHost
{
    /// <summary>The one that stays; null where no address to listen at is set.</summary>
    public static WebApplication? Build(string[] args, Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        if (builder.Configuration["urls"] is null or "" && builder.Configuration["PORT"] is null or "")
        {
            return null;
        }

        builder.AddServiceDefaults();
        builder.AddSeeding();

        // Whoever starts it looks at its health all the time, and it is not ready for a minute: that is no error.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.Services.AddSingleton(provider => new SeedingAudit(
            provider.GetRequiredService<IConfiguration>()["State:Directory"] ?? throw new InvalidOperationException("Set State:Directory: it is where what operators did is kept.")));
        builder.Services.AddSingleton<SeedingDesk>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<SeedingDesk>());
        builder.Services.AddHealthChecks().AddCheck<SeedingHealth>("seeding", HealthStatus.Degraded, [Health.Ready, Health.Spoken]);
        services?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapServiceDefaults();
        SeedingDesk.Map(app);
        return app;
    }

    public static void AddSeeding(this IHostApplicationBuilder builder)
    {
        builder.AddServiceTokens();

        // What it has to say it says in lines of its own.
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddHttpClient("campaign", http => http.BaseAddress = new("http://campaign")).AddServiceToken();
        builder.Services.AddHttpClient("outreach", http => http.BaseAddress = new("http://outreach")).AddServiceToken();
        builder.Services.AddHttpClient("mail", http => http.BaseAddress = new("http://mail"));
        builder.Services.AddHttpClient("platforms", http => http.BaseAddress = new("http://platforms"));
        builder.Services.AddSingleton<Seed>(provider => ct =>
        {
            var clients = provider.GetRequiredService<IHttpClientFactory>();
            Api To(string name) => new(name, clients.CreateClient(name));
            return new Seeding(To("campaign"), To("outreach"), To("mail"), To("platforms"), TimeProvider.System).Run(ct);
        });
    }

    /// <summary>Something around us is not as it should be, and the next run may find it mended.</summary>
    public static bool IsInTheWay(Exception exception) => exception is DemoFailed or HttpRequestException or InvalidOperationException or TaskCanceledException;
}
