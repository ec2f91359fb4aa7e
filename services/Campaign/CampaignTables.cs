using Weasel.Postgresql.Tables;

namespace Campaigns;

/// <summary>
/// What the campaign pages read: plain tables, so that a page is one SQL statement and a page of events one statement per table. Every
/// primary key starts with the organization. <see cref="CampaignViews"/> fills them.
/// </summary>
public static class CampaignTables
{
    public const string Schema = "campaign";

    /// <summary>Every campaign, for lists.</summary>
    public static Table Campaigns() => Define("campaign_plan", table =>
    {
        table.AddColumn("campaign_id", "uuid").AsPrimaryKey();
        table.AddColumn("name", "text").NotNull();
        table.AddColumn("starts_on", "date").NotNull();
        table.AddColumn("ends_on", "date").NotNull();
        table.AddColumn("required_connections", "text[]").NotNull();
        table.AddColumn("planned_at", "timestamptz").NotNull();
        table.Indexes.Add(new IndexDefinition("campaign_plan_newest_first") { Columns = ["tenant_id", "starts_on", "campaign_id"] });
    });

    /// <summary>Who is, or was, on which roster. <c>since</c> is when that began; <c>sequence</c> is the membership's version.</summary>
    public static Table Roster() => Define("roster", table =>
    {
        table.AddColumn("campaign_id", "uuid").AsPrimaryKey();
        table.AddColumn("creator_id", "uuid").AsPrimaryKey();
        table.AddColumn("on_roster", "boolean").NotNull();
        table.AddColumn("since", "timestamptz").NotNull();
        table.AddColumn("sequence", "bigint").NotNull();
    });

    /// <summary>
    /// The newest news of each connection; no row means NotConnected. Indexed by its key alone and filled to four fifths, so that a change
    /// of status stays within its page and touches no index (a heap-only update): this is the table that changes all day.
    /// </summary>
    public static Table Connections() => Define("creator_connection", table =>
    {
        table.AddColumn("creator_id", "uuid").AsPrimaryKey();
        table.AddColumn("type", "text").AsPrimaryKey();
        table.AddColumn("status", "text").NotNull();
        table.AddColumn("reason", "text");
        table.AddColumn("since", "timestamptz").NotNull();
        table.AddColumn("connection_id", "uuid").NotNull();
        table.AddColumn("sequence", "bigint").NotNull();
        table.AddColumn("noted_at", "timestamptz").NotNull();
        table.FillFactor = 80;
    });

    /// <summary>The newest message each creator was sent for each campaign.</summary>
    public static Table Outreach() => Define("last_outreach", table =>
    {
        table.AddColumn("campaign_id", "uuid").AsPrimaryKey();
        table.AddColumn("creator_id", "uuid").AsPrimaryKey();
        table.AddColumn("outreach_id", "uuid").NotNull();
        table.AddColumn("delivery_id", "uuid").NotNull();
        table.AddColumn("template", "text").NotNull();
        table.AddColumn("at", "timestamptz").NotNull();
    });

    public static IReadOnlyList<Table> All() => [Campaigns(), Roster(), Connections(), Outreach()];

    private static Table Define(string name, Action<Table> columns)
    {
        var table = new Table($"{Schema}.{name}");
        table.AddColumn("tenant_id", "text").AsPrimaryKey();
        columns(table);
        return table;
    }
}
