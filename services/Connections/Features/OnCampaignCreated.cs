using CreatorConnections.Contracts.Campaigns;
using EventSourcing;
using MassTransit;

namespace Connections.Features;

/// <summary>Campaign created a campaign: remember its name for the consent page.</summary>
public sealed class OnCampaignCreated(Inbox inbox) : IConsumer<CampaignCreated>
{
    public Task Consume(ConsumeContext<CampaignCreated> context) =>
        inbox.Record<KnownCampaign>(context, context.Message.OrganizationId, context.Message.CampaignId, known => Decide(known, context.Message));

    public static Decision Decide(KnownCampaign? state, CampaignCreated message) =>
        message.Sequence <= (state?.Sequence ?? 0) ? Decision.Nothing : Decision.Of(new CampaignLearnt(message.Name, message.EndsOn, message.Sequence));
}
