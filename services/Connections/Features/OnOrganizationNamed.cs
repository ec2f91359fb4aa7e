using CreatorConnections.Contracts.Campaigns;
using EventSourcing;
using MassTransit;

namespace Connections.Features;

/// <summary>An organization chose the name creators see: remember it for the consent page.</summary>
public sealed class OnOrganizationNamed(Inbox inbox) : IConsumer<OrganizationNamed>
{
    public Task Consume(ConsumeContext<OrganizationNamed> context) => inbox.Record<KnownOrganization>(
        context, context.Message.OrganizationId, KnownOrganization.IdOf(context.Message.OrganizationId), known => Decide(known, context.Message));

    public static Decision Decide(KnownOrganization? state, OrganizationNamed message) =>
        message.Sequence <= (state?.Sequence ?? 0) ? Decision.Nothing : Decision.Of(new OrganizationNameLearnt(message.Name, message.Sequence));
}
