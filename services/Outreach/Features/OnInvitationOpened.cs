using CreatorConnections.Contracts.Connections;
using EventSourcing;
using MassTransit;

namespace Outreach.Features;

/// <summary>A creator opened the Hub through an invitation of ours.</summary>
public sealed class OnInvitationOpened(Inbox inbox, WorkList work) : IConsumer<InvitationOpened>
{
    public async Task Consume(ConsumeContext<InvitationOpened> context)
    {
        var m = context.Message;
        if (await work.Find(m.OrganizationId, m.InvitationId, context.CancellationToken) is not { } recipient || recipient.CreatorId != m.CreatorId)
        {
            return;
        }

        await inbox.Record<Engagement>(
            context, m.OrganizationId, recipient.DeliveryId, state => Decide(state, recipient, m.OccurredAt),
            alongside: operations => Engagements.Clicked(operations, recipient, m.OccurredAt));
    }

    public static Decision Decide(Engagement? state, Recipient recipient, DateTimeOffset at) =>
        state is { IsClicked: true } ? Decision.Nothing : Decision.Of(new InvitationClicked(recipient, at));
}
