using CreatorConnections.Contracts.Campaigns;
using CreatorConnections.Contracts.Connections;
using CreatorConnections.Contracts.Outreach;
using EventSourcing;
using JasperFx.Events;
using Outreach.Features;

namespace Outreach;

/// <summary>What this service tells the others, and what it learns from them.</summary>
public static class Integration
{
    public static void Map(IntegrationMap map) => map
        .Publish<MessageAccepted, OutreachSent>(
            e => new OutreachSent
            {
                OrganizationId = e.TenantId,
                OutreachId = e.Data.Recipient.OutreachId,
                DeliveryId = e.Data.Recipient.DeliveryId,
                CampaignId = e.Data.Recipient.CampaignId,
                CreatorId = e.Data.Recipient.CreatorId,
                Template = e.Data.Recipient.Template,
                InvitationId = e.Data.InvitationId,
                Audience = e.Data.Audience ?? Template.Find(e.Data.Recipient.Template)?.Audience.ToString(),
                Sequence = e.Version,
                OccurredAt = e.Timestamp,
            },
            subscribers: ["campaign", "connections"])
        .Publish<DeliveryFailed, OutreachFailed>(e => Failed(e, e.Data.Recipient, e.Data.Reason), subscribers: "campaign")
        .Publish<DeliveryInDoubt, OutreachFailed>(e => Failed(e, e.Data.Recipient, "in-doubt"), subscribers: "campaign")
        .Publish<InvitationClicked, OutreachClicked>(
            e => new OutreachClicked
            {
                OrganizationId = e.TenantId,
                OutreachId = e.Data.Recipient.OutreachId,
                DeliveryId = e.Data.Recipient.DeliveryId,
                CampaignId = e.Data.Recipient.CampaignId,
                CreatorId = e.Data.Recipient.CreatorId,
                Template = e.Data.Recipient.Template,
                InvitationId = e.Data.Recipient.DeliveryId,
                Sequence = e.Version,
                OccurredAt = e.Data.At,
            },
            subscribers: "campaign")
        .Publish<CreatorConverted, OutreachConverted>(
            e => new OutreachConverted
            {
                OrganizationId = e.TenantId,
                OutreachId = e.Data.Recipient.OutreachId,
                DeliveryId = e.Data.Recipient.DeliveryId,
                CampaignId = e.Data.Recipient.CampaignId,
                CreatorId = e.Data.Recipient.CreatorId,
                Template = e.Data.Recipient.Template,
                InvitationId = e.Data.Recipient.DeliveryId,
                Platform = e.Data.Platform,
                ConnectionId = e.Data.ConnectionId,
                Sequence = e.Version,
                OccurredAt = e.Data.At,
            },
            subscribers: "campaign")
        .Publish<InvitationWithdrawn, InvitationRevoked>(
            e => new InvitationRevoked
            {
                OrganizationId = e.TenantId,
                InvitationId = e.Data.Recipient.DeliveryId,
                CreatorId = e.Data.Recipient.CreatorId,
                CampaignId = e.Data.Recipient.CampaignId,
                Sequence = e.Version,
                OccurredAt = e.Data.At,
            },
            subscribers: "connections")
        .Publish<MessageBounced, OutreachBounced>(
            e => new OutreachBounced
            {
                OrganizationId = e.TenantId,
                OutreachId = e.Data.Recipient.OutreachId,
                DeliveryId = e.Data.Recipient.DeliveryId,
                CampaignId = e.Data.Recipient.CampaignId,
                CreatorId = e.Data.Recipient.CreatorId,
                Template = e.Data.Recipient.Template,
                Code = e.Data.Code,
                Permanent = e.Data.Permanent,
                Sequence = e.Version,
                OccurredAt = e.Timestamp,
            },
            subscribers: "campaign")
        .Publish<CreatorSuppressed, SuppressionAdded>(e => new SuppressionAdded
        {
            OrganizationId = e.TenantId,
            CreatorId = e.Data.CreatorId,
            CampaignId = e.Data.CampaignId,
            Reason = e.Data.Reason,
            DeliveryId = e.Data.DeliveryId,
            Sequence = e.Version,
            OccurredAt = e.Timestamp,
        })
        .Publish<CreatorReadmitted, SuppressionLifted>(e => new SuppressionLifted
        {
            OrganizationId = e.TenantId,
            CreatorId = e.Data.CreatorId,
            CampaignId = e.Data.CampaignId,
            Reason = e.Data.Reason,
            Sequence = e.Version,
            OccurredAt = e.Timestamp,
        })
        .Consume<OrganizationNamed, OnOrganizationNamed>()
        .Consume<CampaignCreated, OnCampaignCreated>()
        .Consume<OrganizationConnectionsConfigured, OnOrganizationConnectionsConfigured>()
        .Consume<CampaignConnectionsConfigured, OnCampaignConnectionsConfigured>()
        .Consume<CreatorRegistered, OnCreatorRegistered>()
        .Consume<CreatorAddedToCampaign, OnCreatorAddedToCampaign>()
        .Consume<CreatorRemovedFromCampaign, OnCreatorRemovedFromCampaign>()
        .Consume<ConnectionGranted, OnConnectionGranted>()
        .Consume<ConnectionInvalidated, OnConnectionInvalidated>()
        .Consume<ConnectionExpired, OnConnectionExpired>()
        .Consume<ConnectionRecovered, OnConnectionRecovered>()
        .Consume<ConnectionGranted, OnConnectionGrantedByInvitation>("by-invitation")
        .Consume<InvitationOpened, OnInvitationOpened>()
        .Consume<MarketplaceStatusChanged, OnMarketplaceStatusChanged>();

    private static OutreachFailed Failed(IEvent e, Recipient recipient, string reason) => new()
    {
        OrganizationId = e.TenantId,
        OutreachId = recipient.OutreachId,
        DeliveryId = recipient.DeliveryId,
        CampaignId = recipient.CampaignId,
        CreatorId = recipient.CreatorId,
        Template = recipient.Template,
        Reason = reason,
        Sequence = e.Version,
        OccurredAt = e.Timestamp,
    };
}
