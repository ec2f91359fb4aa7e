using Connections.Features;
using Connections.Hub;
using Connections.Insights;
using CreatorConnections.Contracts.Campaigns;
using CreatorConnections.Contracts.Connections;
using CreatorConnections.Contracts.Outreach;
using EventSourcing;

namespace Connections;

/// <summary>The seam to the other services: what of our events becomes whose message, and whose messages we take in.</summary>
internal static class Integration
{
    public static void Map(IntegrationMap map) => map
        .Publish<AccessGranted, ConnectionGranted>(
            e => new ConnectionGranted
            {
                OrganizationId = e.TenantId,
                ConnectionId = e.StreamId,
                CreatorId = e.Data.CreatorId,
                Platform = e.Data.Platform,
                AccountId = e.Data.AccountId,
                Scopes = e.Data.Scopes,
                ExpiresAt = e.Data.EndsAt,
                InvitationId = e.Data.InvitationId,
                Sequence = e.Version,
                OccurredAt = e.Timestamp,
            },
            "campaign",
            "outreach")
        .Publish<AccessInvalidated, ConnectionInvalidated>(
            e => new ConnectionInvalidated
            {
                OrganizationId = e.TenantId,
                ConnectionId = e.StreamId,
                CreatorId = e.Data.CreatorId,
                Platform = e.Data.Platform,
                Reason = e.Data.Reason,
                Confidence = e.Data.Evidence.Confidence,
                Sequence = e.Version,
                OccurredAt = e.Timestamp,
            },
            "campaign",
            "outreach")
        .Publish<AccessExpired, ConnectionExpired>(
            e => new ConnectionExpired
            {
                OrganizationId = e.TenantId,
                ConnectionId = e.StreamId,
                CreatorId = e.Data.CreatorId,
                Platform = e.Data.Platform,
                ExpiredAt = e.Data.EndedAt,
                Sequence = e.Version,
                OccurredAt = e.Timestamp,
            },
            "campaign",
            "outreach")
        .Publish<AccessRecovered, ConnectionRecovered>(
            e => new ConnectionRecovered
            {
                OrganizationId = e.TenantId,
                ConnectionId = e.StreamId,
                CreatorId = e.Data.CreatorId,
                Platform = e.Data.Platform,
                ExpiresAt = e.Data.EndsAt,
                Sequence = e.Version,
                OccurredAt = e.Timestamp,
            },
            "campaign",
            "outreach")
        .Publish<AccessRenewed, ConnectionRenewed>(
            e => new ConnectionRenewed
            {
                OrganizationId = e.TenantId,
                ConnectionId = e.StreamId,
                CreatorId = e.Data.CreatorId,
                Platform = e.Data.Platform,
                Scopes = e.Data.Scopes,
                ExpiresAt = e.Data.EndsAt,
                Sequence = e.Version,
                OccurredAt = e.Timestamp,
            },
            "campaign")
        .Publish<ExpiryApproached, ConnectionExpiring>(
            e => new ConnectionExpiring
            {
                OrganizationId = e.TenantId,
                ConnectionId = e.StreamId,
                CreatorId = e.Data.CreatorId,
                Platform = e.Data.Platform,
                ExpiresAt = e.Data.EndsAt,
                Days = e.Data.Days,
                Sequence = e.Version,
                OccurredAt = e.Timestamp,
            },
            "campaign")
        .PublishMarketplace()
        .Publish<InvitationFirstOpened, InvitationOpened>(
            e => new InvitationOpened
            {
                OrganizationId = e.TenantId,
                InvitationId = e.StreamId,
                CreatorId = e.Data.CreatorId,
                CampaignId = e.Data.CampaignId,
                Sequence = e.Version,
                OccurredAt = e.Data.At,
            },
            "outreach")
        .Publish<InsightsPulled, InsightsCollected>(
            e => new InsightsCollected
            {
                OrganizationId = e.TenantId,
                ConnectionId = e.Data.ConnectionId,
                CreatorId = e.Data.CreatorId,
                Platform = e.Data.Platform,
                Kind = e.Data.Kind,
                AccountMetrics = e.Data.AccountMetrics,
                ContentItems = e.Data.ContentItems,
                ContentMetrics = e.Data.ContentMetrics,
                Through = e.Data.Through,
                Sequence = e.Version,
                OccurredAt = e.Timestamp,
            },
            "campaign")
        .Consume<OrganizationNamed, OnOrganizationNamed>()
        .Consume<CreatorRegistered, OnCreatorRegistered>()
        .Consume<CampaignCreated, OnCampaignCreated>()
        .Consume<InvitationRevoked, OnInvitationRevoked>()
        .Consume<OutreachSent, OnOutreachSent>();
}
