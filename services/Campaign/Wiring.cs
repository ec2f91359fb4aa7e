using EventSourcing;
using JasperFx.Events.Projections;
using Campaigns.Features;
using ServiceDefaults;

namespace Campaigns;

/// <summary>What the service is made of.</summary>
public static class Wiring
{
    public static void AddCampaign(this WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults();
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
        builder.Services.AddHostedService<ViewGenerations>();
        builder.Services.AddScoped<Rosters>();
        builder.Services.AddSingleton<ViewRebuild>();
        builder.Services.AddSingleton<RebuildViews>();
        builder.AddIntegration("campaign", Integration.Map);
        builder.Services.AddSingleton<SavedViews>();
        builder.Services.AddOpenApi(ApiDocument.Of(Api.Description));
    }
}
