using EventSourcing;
using Marten;
using Weasel.Postgresql.Tables;

namespace Connections;

/// <summary>
/// Whose standing in the marketplace is to be asked for, and when; and which campaign at TikTok is whose. They cross organizations, for a clock and a
/// platform know none; ids and times, nothing personal.
/// </summary>
internal static class MarketplaceTables
{
    public const string Checks = $"{ConnectionTables.Schema}.marketplace_check";

    public const string Links = $"{ConnectionTables.Schema}.marketplace_link";

    public static void AddTo(EventStoreBuilder store)
    {
        store.Events(
            typeof(MarketplaceEligibilityFound), typeof(MarketplaceInvited), typeof(MarketplaceInvitationSeen), typeof(MarketplaceInviteExpired), typeof(MarketplaceJoined),
            typeof(MarketplaceDeclined), typeof(MarketplaceLeft), typeof(MarketplaceLinkRequested), typeof(MarketplaceLinkCreated), typeof(MarketplaceLinkRefused));

        var check = new Table(Checks);
        check.AddColumn("tenant_id", "text").NotNull().AsPrimaryKey();
        check.AddColumn("creator_id", "uuid").NotNull().AsPrimaryKey();
        check.AddColumn("due_at", "timestamptz").NotNull();
        check.AddColumn("checked_at", "timestamptz");
        check.AddColumn("outcome", "text");
        check.Indexes.Add(new IndexDefinition("marketplace_check_due_at") { Columns = ["due_at"] });

        var link = new Table(Links);
        link.AddColumn("platform_campaign_id", "text").NotNull().AsPrimaryKey();
        link.AddColumn("tenant_id", "text").NotNull().AsPrimaryKey();
        link.AddColumn("link_id", "uuid").NotNull();
        store.Table(check).Table(link);
    }

    /// <summary>TikTok may speak of this campaign from now on.</summary>
    public static void Linked(IDocumentOperations operations, string organization, Guid link, string platformCampaign) => operations.QueueSqlCommand(
        $"insert into {Links} (platform_campaign_id, tenant_id, link_id) values (?, ?, ?) on conflict do nothing", platformCampaign, organization, link);

    /// <summary>The creator is to be asked about from then on, or sooner where it was sooner.</summary>
    public static void Due(IDocumentOperations operations, string organization, Guid creator, DateTimeOffset at) => operations.QueueSqlCommand(
        $"insert into {Checks} as known (tenant_id, creator_id, due_at) values (?, ?, ?) on conflict (tenant_id, creator_id) do update set due_at = least(known.due_at, excluded.due_at)",
        organization,
        creator,
        at.ToUniversalTime());

    /// <summary>The creator was asked about.</summary>
    /// <param name="operations">The transaction of what was found.</param>
    /// <param name="organization">The creator's organization.</param>
    /// <param name="creator">The creator.</param>
    /// <param name="leased">The due time the lease gave; where somebody has made the creator due since, that stands. Null: whatever stands there.</param>
    /// <param name="next">When to ask again.</param>
    /// <param name="at">When it was asked.</param>
    /// <param name="outcome">What came of it: <c>answered</c>, <c>no-handle</c>, <c>not-answered</c>.</param>
    public static void Checked(IDocumentOperations operations, string organization, Guid creator, DateTimeOffset? leased, DateTimeOffset next, DateTimeOffset at, string outcome) =>
        operations.QueueSqlCommand(
            $"""
            insert into {Checks} as known (tenant_id, creator_id, due_at, checked_at, outcome) values (?, ?, ?, ?, ?)
            on conflict (tenant_id, creator_id) do update
            set due_at = case when ?::timestamptz is null or known.due_at = ? then excluded.due_at else known.due_at end,
                checked_at = excluded.checked_at, outcome = excluded.outcome
            """,
            organization,
            creator,
            next,
            at,
            outcome,
            leased ?? (object)DBNull.Value,
            leased ?? (object)DBNull.Value);
}
