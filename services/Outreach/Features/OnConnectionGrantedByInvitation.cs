using CreatorConnections.Contracts.Connections;
using EventSourcing;
using MassTransit;

namespace Outreach.Features;

/// <summary>A creator connected a platform through an invitation of ours. What it means for the creator is <see cref="OnConnectionGranted"/>'s; this is the message's success.</summary>
public sealed class OnConnectionGrantedByInvitation(Inbox inbox, WorkList work) : IConsumer<ConnectionGranted>
{
    public async Task Consume(ConsumeContext<ConnectionGranted> context)
    {
        var m = context.Message;
        if (m.InvitationId is not { } invitation
            || await work.Find(m.OrganizationId, invitation, context.CancellationToken) is not { } recipient || recipient.CreatorId != m.CreatorId)
        {
            return;
        }

        await inbox.Record<Engagement>(
            context, m.OrganizationId, recipient.DeliveryId, state => Decide(state, recipient, m),
            alongside: operations => Engagements.Converted(operations, recipient, m.Platform, m.OccurredAt));
    }

    public static Decision Decide(Engagement? state, Recipient recipient, ConnectionGranted m) => state?.Platforms.Contains(m.Platform) == true
        ? Decision.Nothing
        : Decision.Of(new CreatorConverted(recipient, m.Platform, m.ConnectionId, m.OccurredAt));
}
