using Connections.Hub;
using CreatorConnections.Contracts.Outreach;
using EventSourcing;
using MassTransit;

namespace Connections.Features;

/// <summary>Outreach took an invitation back: its link opens nothing from now on, and whoever came through it has to go.</summary>
public sealed class OnInvitationRevoked(Inbox inbox) : IConsumer<InvitationRevoked>
{
    public Task Consume(ConsumeContext<InvitationRevoked> context) => inbox.Record<KnownInvitation>(
        context, context.Message.OrganizationId, context.Message.InvitationId, known => KnownInvitation.Withdraw(known, context.Message.OccurredAt));
}
