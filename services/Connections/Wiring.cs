using Connections.Features;
using Connections.Hub;
using Connections.Insights;
using Connections.Platforms;
using Connections.Platforms.TikTok.Marketplace;
using Connections.Upkeep;
using Connections.Vault;
using EventSourcing;
using Microsoft.Extensions.Options;
using ServiceDefaults;

namespace Connections;

/// <summary>Everything this service is made of. Options are read here and nowhere else.</summary>
internal static class Wiring
{
    public static void AddConnections(this WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults();
        builder.AddEventStore("connections", store =>
        {
            store.Events(
                typeof(AuthorizationStarted), typeof(AuthorizationDeclined), typeof(AccessGranted), typeof(AccessExpired), typeof(AccessInvalidated),
                typeof(AccessRenewed), typeof(AccessRecovered), typeof(ExpiryApproached),
                typeof(InsightsPulled), typeof(InsightsFailed), typeof(InsightsResumed),
                typeof(OrganizationNameLearnt), typeof(CreatorLearnt), typeof(CampaignLearnt), typeof(InvitationFirstOpened), typeof(InvitationWithdrawn));
            store.Options.Schema.For<ConnectedAccount>();
            store.Options.Listeners.Add(new Transitions());
            ConnectionTables.AddTo(store);
            MarketplaceTables.AddTo(store);
        });
        builder.AddIntegration("connections", Integration.Map);
        builder.AddPlatforms();
        builder.AddTokenVault();
        builder.AddMarketplace();

        Options<InvitationOptions>(builder, "Invitations");
        Options<HubOptions>(builder, "Hub");
        Options<ExpiryOptions>(builder, "Expiry");
        Options<UpkeepOptions>(builder, "Upkeep");
        Options<BreakerOptions>(builder, "Breaker");
        Options<InsightsOptions>(builder, "Insights");
        builder.Services.AddSingleton<HubTokens>();
        builder.Services.AddSingleton<Grants>();
        builder.Services.AddSingleton<NoticeSignal>();
        builder.Services.AddHostedService<ApplyNotices>();
        builder.Services.AddSingleton<Warnings>();
        builder.Services.AddSingleton<PlatformWatch>();
        builder.Services.AddHostedService(services => services.GetRequiredService<PlatformWatch>());
        builder.Services.AddHealthChecks().AddCheck<PlatformHealth>("platforms", tags: ["ready", "spoken"]);
        builder.Services.AddSingleton<Attendance>();
        builder.Services.AddSingleton<AccessTokens>();
        builder.Services.AddSingleton<CallBudget>();
        builder.Services.AddSingleton<Gathering>();
        builder.Services.AddHostedService<SweepInsights>();
        builder.Services.AddHostedService<WatchLifetimes>();
        builder.Services.AddHostedService<SweepLookups>();
        builder.Services.AddRowGauge("Connections", "connection.upkeep.waiting", "{connection}", "Connections by platform and what they wait for: due, under-way, failing, held.", ["platform", "state"], _ => UpkeepTable.Waiting);
        builder.Services.AddRowGauge("Connections", "insights.budget.headroom", "1", "The share of a platform's allowance that is left in the window it is counted in.", ["platform", "bucket"], CallBudget.Headroom);
        builder.Services.AddHubRateLimit();
        builder.Services.AddRazorComponents();
        builder.Services.AddOpenApi(ApiDocument.Of(Api.Description));
    }

    private static void Options<T>(WebApplicationBuilder builder, string section)
        where T : class
    {
        builder.Services.AddOptions<T>().BindConfiguration(section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton(services => services.GetRequiredService<IOptions<T>>().Value);
    }
}
