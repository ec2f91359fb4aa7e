using EventSourcing;
using JasperFx.Events.Projections;
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
                typeof(NameChosen), typeof(CreatorAdmitted), typeof(CreatorAmended), typeof(CampaignPlanned), typeof(JoinedRoster), typeof(LeftRoster),
                typeof(AccessNoted), typeof(MarketplaceNoted), typeof(OutreachNoted),
                typeof(ConnectionsSwitched), typeof(ConnectionsReset));
            CreatorProfile.AddTo(store.Options);
            foreach (var table in CampaignTables.All())
            {
                store.Table(table);
            }

            store.Table(SwitchRow.Table());
            store.Table(SavedViews.Table());

            store.Options.Projections.Add(new CampaignViews(TimeProvider.System), ProjectionLifecycle.Async);
        });
        builder.AddIntegration("campaign", Integration.Map);
        builder.Services.AddSingleton<SavedViews>();
        builder.Services.AddOpenApi();
    }
}
