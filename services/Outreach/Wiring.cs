using EventSourcing;
using Microsoft.Extensions.Options;
using Outreach.Channels;
using Outreach.Channels.Email;
using Outreach.Features;
using Outreach.Pages;
using ServiceDefaults;

namespace Outreach;

/// <summary>What this service is made of; the only place that reads its options.</summary>
public static class Wiring
{
    public static void AddOutreach(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<SmtpOptions>().BindConfiguration(SmtpOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<DeliveryOptions>().BindConfiguration(DeliveryOptions.Section).ValidateDataAnnotations()
            .Validate<IOptions<SmtpOptions>>((delivery, smtp) => smtp.Value.Timeout < delivery.Lease / 2, "Smtp:Timeout must be less than half of Delivery:Lease.")
            .ValidateOnStart();
        services.AddOptions<InvitationOptions>().BindConfiguration(InvitationOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<TrackingOptions>().BindConfiguration(TrackingOptions.Section).ValidateOnStart();
        services.AddOptions<HubOptions>().BindConfiguration(HubOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<PageOptions>().BindConfiguration(PageOptions.Section).ValidateDataAnnotations().ValidateOnStart();

        builder.AddEventStore("outreach", store => store
            .Events(
                typeof(OutreachRequested), typeof(OutreachPaused), typeof(OutreachResumed), typeof(OutreachCancelled), typeof(OutreachCompleted),
                typeof(AttemptStarted), typeof(MessageAccepted), typeof(AttemptDeferred), typeof(DeliverySkipped), typeof(DeliveryFailed), typeof(DeliveryInDoubt),
                typeof(TemplateSaved), typeof(BuiltInRestored), typeof(TemplateArchived), typeof(TemplateUnarchived),
                typeof(SenderNamed), typeof(CampaignBecameKnown), typeof(SwitchesHeard), typeof(CreatorBecameKnown), typeof(RosterJoined), typeof(RosterLeft),
                typeof(OptInGranted), typeof(OptInLost), typeof(OptInLapsed), typeof(MarketplaceStandingHeard),
                typeof(MessageOpened), typeof(InvitationClicked), typeof(CreatorConverted), typeof(InvitationWithdrawn),
                typeof(CreatorSuppressed), typeof(CreatorReadmitted), typeof(SenderSettingsChanged), typeof(MessageBounced))
            .Table(WorkList.RecipientsTable())
            .Table(UnderWay.Table())
            .Table(Engagements.Table())
            .Table(Schedule.BatchTable())
            .Table(Schedule.ChosenTable())
            .Table(Schedule.PaceTable())
            .Table(TemplateTables.Versions())
            .Table(TemplateTables.Current())
            .Table(Suppressions.Table())
            .Table(Senders.Table()));
        services.AddRowGauge("Outreach", "outreach.recipients.waiting", "{recipient}", "Recipients who have no verdict yet, by what their outreach does.", ["state"], _ => Schedule.Waiting);
        services.AddRowGauge("Outreach", "outreach.batches", "{outreach}", "Outreaches that are not complete, by what they do: preparing, sending, paused, cancelled.", ["state"], _ => Schedule.Batches);
        builder.AddIntegration("outreach", Integration.Map);

        services.AddOpenApi(ApiDocument.Of(Api.Description));
        services.AddPageRateLimit();
        builder.AddServiceTokens();
        services.AddHttpClient<Contacts>(http => http.BaseAddress = new("http://campaign")).AddServiceToken();
        services.AddHttpClient<Roster>(http => http.BaseAddress = new("http://campaign")).AddServiceToken();
        services.AddHttpClient<MarketplaceLinks>(http => http.BaseAddress = new("http://connections")).AddServiceToken();

        services.AddSingleton(provider => provider.GetRequiredService<IOptions<DeliveryOptions>>().Value);
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<SmtpOptions>>().Value);
        services.AddSingleton(provider =>
        {
            var invitations = provider.GetRequiredService<IOptions<InvitationOptions>>().Value;
            return new Invitation(provider.GetRequiredService<IOptions<HubOptions>>().Value.PublicUrl!, invitations.Key, invitations.Lifetime);
        });
        services.AddSingleton(provider => new OpenTracking(
            provider.GetRequiredService<IOptions<PageOptions>>().Value.PublicUrl!,
            provider.GetRequiredService<IOptions<InvitationOptions>>().Value.Key,
            provider.GetRequiredService<IOptions<TrackingOptions>>().Value.Opens));
        services.AddSingleton<IChannel>(provider =>
            new EmailChannel(provider.GetRequiredService<SmtpOptions>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider =>
        {
            var pages = provider.GetRequiredService<IOptions<PageOptions>>().Value;
            return new UnsubscribeLink(pages.PublicUrl!, provider.GetRequiredService<IOptions<InvitationOptions>>().Value.Key, pages.UnsubscribeLifetime);
        });
        services.AddSingleton<Suppressions>();
        services.AddSingleton<TemplateShelf>();
        services.AddSingleton<TestSendLimit>();
        services.AddSingleton<WorkList>();
        services.AddSingleton<Engagements>();
        services.AddSingleton<WorkSignal>();
        services.AddSingleton<Schedule>();
        services.AddSingleton<Senders>();
        services.AddSingleton<Lines>();
        services.AddHostedService(provider => provider.GetRequiredService<Lines>());
        services.AddSingleton<PrepareOutreach>();
        services.AddSingleton<WriteLetters>();
        services.AddSingleton<DeliverPage>();
        services.AddSingleton<CompleteOutreach>();
        services.AddHostedService<DeliverOutreach>();
    }
}
