using Connections.Features;
using Connections.Hub;
using Connections.Platforms;
using Connections.Platforms.TikTok.Marketplace;
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
                typeof(OrganizationNameLearnt), typeof(CreatorLearnt), typeof(CampaignLearnt));
            store.Options.Schema.For<SealedTokens>();
            store.Options.Schema.For<ConnectedAccount>();
            ConnectionTables.AddTo(store);
            MarketplaceTables.AddTo(store);
        });
        builder.AddIntegration("connections", Integration.Map);
        builder.AddPlatforms();
        builder.AddMarketplace();

        Options<InvitationOptions>(builder, "Invitations");
        Options<HubOptions>(builder, "Hub");
        Options<TokenVaultOptions>(builder, "TokenVault");
        Options<ExpiryOptions>(builder, "Expiry");
        builder.Services.AddSingleton<HubTokens>();
        builder.Services.AddSingleton<TokenVault>();
        builder.Services.AddSingleton<NoticeSignal>();
        builder.Services.AddHostedService<ApplyNotices>();
        builder.Services.AddHostedService<ExpireConnections>();
        builder.Services.AddHostedService<SweepLookups>();
        builder.Services.AddHubRateLimit();
        builder.Services.AddRazorComponents();
        builder.Services.AddOpenApi();
    }

    private static void Options<T>(WebApplicationBuilder builder, string section)
        where T : class
    {
        builder.Services.AddOptions<T>().BindConfiguration(section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton(services => services.GetRequiredService<IOptions<T>>().Value);
    }
}
