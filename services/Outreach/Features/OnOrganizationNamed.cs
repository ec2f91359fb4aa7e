using CreatorConnections.Contracts.Campaigns;
using EventSourcing;
using MassTransit;

namespace Outreach.Features;

/// <summary>The organization chose the name that creators read.</summary>
public sealed class OnOrganizationNamed(Inbox inbox) : IConsumer<OrganizationNamed>
{
    public Task Consume(ConsumeContext<OrganizationNamed> context)
    {
        var m = context.Message;
        return inbox.Record<KnownOrganization>(context, m.OrganizationId, KnownOrganization.IdOf(m.OrganizationId), state => Decide(state, m));
    }

    public static Decision Decide(KnownOrganization? state, OrganizationNamed m) => state?.Sequence >= m.Sequence
        ? Decision.Nothing
        : Decision.Of(new SenderNamed(KnownOrganization.IdOf(m.OrganizationId), m.Name, m.Sequence));
}
