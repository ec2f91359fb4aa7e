using EventSourcing;
using JasperFx.Events.Projections;
using Campaigns.Features;
using Microsoft.Extensions.Options;
using ServiceDefaults;

namespace Campaigns;

/// <summary>What the service is made of.</summary>
public static class Wiring
{
    public static void AddCampaign(this WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults();

        builder.Services.AddSingleton<IMigration, ViewGenerations>();
        builder.AddEventStore("campaign", store =>
        {
            store.Events(
                [
                    typeof(NameChosen), typeof(OrganizationConnectionsSwitched), typeof(OrganizationConnectionsReset), typeof(CampaignConnectionsSwitched),
                    typeof(CampaignConnectionsReset), .. CampaignViews.EventTypes,
                ]);
            CreatorProfile.AddTo(store.Options);
            store.Table(ViewGenerations.Pointer());
            foreach (var table in ViewGenerations.All.SelectMany(CampaignTables.All))
            {
                store.Table(table);
            }

            store.Table(SwitchRow.Table());
            store.Table(SavedViews.Table());

            store.Options.Projections.Add(new CampaignViews(TimeProvider.System), ProjectionLifecycle.Async);
        });
        builder.Services.AddSingleton<RosterMemory>();
        builder.Services.AddScoped<Rosters>();
        builder.Services.AddSingleton<ViewRebuild>();
        builder.Services.AddSingleton<RebuildViews>();
        builder.Services.AddOptions<LiveOptions>().BindConfiguration(LiveOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton(provider => provider.GetRequiredService<IOptions<LiveOptions>>().Value);
        builder.Services.AddSingleton<RosterNotices>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<RosterNotices>());
        builder.Services.AddSingleton<LiveRosters>();
        builder.Services.AddRowGauge("Campaign", "connections", "{connection}", "Connections over all organizations, by type and status.", ["type", "status"], _ => $"select type, status, count(*) from {CampaignTables.Schema}.creator_connection group by type, status");
        builder.AddIntegration("campaign", Integration.Map);
        builder.Services.AddSingleton<SavedViews>();
        builder.Services.AddOpenApi(ApiDocument.Of(Api.Description));

        // Without a client of its own the service asks nobody, and says so where the answer would stand.
        var connections = builder.Services.AddHttpClient<Availability>(http => (http.BaseAddress, http.Timeout) = (new("http://connections"), Availability.Patience));
        if (builder.Configuration.GetSection(TokenAuthority.Section).Get<ServiceClient>() is { ClientId.Length: > 0 })
        {
            builder.AddServiceTokens();
            connections.AddServiceToken();
        }
    }
}
