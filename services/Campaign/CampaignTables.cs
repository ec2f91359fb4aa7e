using EventSourcing;
using Weasel.Postgresql.Tables;

namespace Campaigns;

/// <summary>
/// What the campaign pages read: plain tables, so that a page is one or two SQL statements and a page of events one statement per table. Every
/// primary key starts with the organization. <see cref="CampaignViews"/> fills them.
/// </summary>
/// <remarks>
/// Each exists once per generation, <c>roster_a</c> and <c>roster_b</c>, and is read by its plain name, a view on the generation that counts. A rebuild
/// fills the other generation and turns the views around (<see cref="ViewGenerations"/>).
/// </remarks>
public static class CampaignTables
{
    public const string Schema = "campaign";

    /// <summary>Every campaign, for lists.</summary>
    public static Table Campaigns(string generation) => Define("plan", generation, table =>
    {
        table.AddColumn("campaign_id", "uuid").AsPrimaryKey();
        table.AddColumn("name", "text").NotNull();
        table.AddColumn("starts_on", "date").NotNull();
        table.AddColumn("ends_on", "date").NotNull();
        table.AddColumn("required_connections", "text[]").NotNull();
        table.AddColumn("planned_at", "timestamptz").NotNull();
        table.Indexes.Add(new IndexDefinition($"plan_newest_first_{generation}") { Columns = ["tenant_id", "starts_on", "campaign_id"] });
    });

    /// <summary>
    /// Who is, or was, on which roster and how they stand there; a creator's row among <see cref="Everyone"/> is there from the registration on.
    /// <c>since</c> and <c>sequence</c> speak of the membership, <c>standing</c> is a <see cref="Standing"/>, <c>sort_name</c> follows the profile. The
    /// indexes know no organization, because campaigns' ids are nobody else's.
    /// </summary>
    public static Table Roster(string generation) => Define("roster", generation, table =>
    {
        table.AddColumn("campaign_id", "uuid").AsPrimaryKey();
        table.AddColumn("creator_id", "uuid").AsPrimaryKey();
        table.AddColumn("on_roster", "boolean").NotNull();
        table.AddColumn("since", "timestamptz").NotNull();
        table.AddColumn("sequence", "bigint").NotNull();
        table.AddColumn("standing", "smallint").NotNull();
        table.AddColumn("sort_name", "text").NotNull();
        table.AddColumn("expiring_at", "timestamptz");
        table.AddColumn("contacted_at", "timestamptz");
        table.AddColumn("outreach_id", "uuid");
        table.AddColumn("delivery_id", "uuid");
        table.AddColumn("template", "text");
        Index("name", "campaign_id", "sort_name", "creator_id");
        Index("standing", "campaign_id", "standing");
        Index("contacted", "campaign_id", "contacted_at", "creator_id").Predicate = "on_roster and contacted_at is not null";
        var expiring = Index("ending", "campaign_id", "expiring_at");
        (expiring.Predicate, expiring.IncludeColumns) = ("on_roster and expiring_at is not null", ["tenant_id", "standing", "creator_id", "sort_name"]);
        table.Indexes.Add(new IndexDefinition($"roster_creator_{generation}") { Columns = ["creator_id"] });

        IndexDefinition Index(string name, params string[] columns)
        {
            var index = new IndexDefinition($"roster_{name}_{generation}") { Columns = columns, Predicate = "on_roster" };
            table.Indexes.Add(index);
            return index;
        }
    });

    /// <summary>
    /// What a search finds who is on a roster by: name and handles as the profile has them, beside what counts and orders them, so that a page of those who are found, and their number, take no look
    /// at each one's row. The database keeps it, by triggers on the roster (<see cref="ViewGenerations"/>). Filled to four fifths, and no index knows the standing: a change of it stays within its page.
    /// </summary>
    public static Table Search(string generation) => Define("roster_search", generation, table =>
    {
        table.AddColumn("campaign_id", "uuid").AsPrimaryKey();
        table.AddColumn("creator_id", "uuid").AsPrimaryKey();
        table.AddColumn("standing", "smallint").NotNull();
        table.AddColumn("expiring_at", "timestamptz");
        table.AddColumn("contacted_at", "timestamptz");
        table.AddColumn("search_text", "text").NotNull();
        table.FillFactor = 80;
        table.IgnoreIndex(SearchIndex(generation));
    });

    /// <summary>Finds by parts of names and handles; made by <see cref="ViewGenerations"/>, since the library that keeps our schema knows no index over a function's array.</summary>
    public static string SearchIndex(string generation) => $"roster_search_parts_{generation}";

    /// <summary>
    /// The newest news of each connection; no row, or sequence 0, means NotConnected. <c>expiring_at</c> counts while <c>expiry_sequence</c> is the newer
    /// one. Indexed by its key alone and filled to four fifths, so that a change of status stays within its page and touches no index (a heap-only
    /// update): this is the table that changes all day.
    /// </summary>
    public static Table Connections(string generation) => Define("creator_connection", generation, table =>
    {
        table.AddColumn("creator_id", "uuid").AsPrimaryKey();
        table.AddColumn("type", "text").AsPrimaryKey();
        table.AddColumn("status", "text").NotNull();
        table.AddColumn("reason", "text");
        table.AddColumn("since", "timestamptz").NotNull();
        table.AddColumn("connection_id", "uuid").NotNull();
        table.AddColumn("sequence", "bigint").NotNull();
        table.AddColumn("noted_at", "timestamptz").NotNull();
        table.AddColumn("expiring_at", "timestamptz");
        table.AddColumn("expiry_sequence", "bigint").NotNull();
        table.FillFactor = 80;
    });

    /// <summary>The newest pull of each connection's insights.</summary>
    public static Table Insights(string generation) => Define("creator_insights", generation, table =>
    {
        table.AddColumn("creator_id", "uuid").AsPrimaryKey();
        table.AddColumn("type", "text").AsPrimaryKey();
        table.AddColumn("collected_at", "timestamptz").NotNull();
        table.AddColumn("through", "date");
        table.AddColumn("content_items", "bigint").NotNull();
        table.AddColumn("sequence", "bigint").NotNull();
        table.FillFactor = 80;
    });

    /// <summary>How many creators of a campaign stand how: what every count of several things at once is summed from. At most 2,304 rows per campaign, of whatever size.</summary>
    public static Table Counts(string generation) => Define("standing_count", generation, table =>
    {
        table.AddColumn("campaign_id", "uuid").AsPrimaryKey();
        table.AddColumn("standing", "smallint").AsPrimaryKey();
        table.AddColumn("creators", "bigint").NotNull();
        table.FillFactor = 50;
    });

    /// <summary>By how much the sums of a campaign changed on each day (UTC), messages left out: taken from today's backwards, the trend.</summary>
    public static Table Days(string generation) => Define("campaign_day", generation, table =>
    {
        table.AddColumn("campaign_id", "uuid").AsPrimaryKey();
        table.AddColumn("day", "date").AsPrimaryKey();
        table.AddColumn("changes", "bigint[]").NotNull();
        table.FillFactor = 50;
    });

    /// <summary>
    /// Every change of a row of the roster: by which event (<c>seq</c>), when it was recorded, and how the creator stood from then on; null is off the
    /// roster. For the past, and for watchers who come back.
    /// </summary>
    public static Table Changes(string generation) => Define("roster_change", generation, table =>
    {
        table.AddColumn("campaign_id", "uuid").AsPrimaryKey();
        table.AddColumn("seq", "bigint").AsPrimaryKey();
        table.AddColumn("creator_id", "uuid").AsPrimaryKey();
        table.AddColumn("at", "timestamptz").NotNull();
        table.AddColumn("standing", "smallint");

        // One creator's past, and everybody's as of a moment: the newest row per creator.
        table.Indexes.Add(new IndexDefinition($"roster_change_creator_{generation}") { Columns = ["campaign_id", "creator_id", "seq"] });
    });

    /// <summary>Each campaign at a glance: its newest change and its <see cref="StandingSums"/>.</summary>
    public static Table Pulses(string generation) => Define("campaign_pulse", generation, table =>
    {
        table.AddColumn("campaign_id", "uuid").AsPrimaryKey();
        table.AddColumn("seq", "bigint").NotNull();
        table.AddColumn("changed_at", "timestamptz").NotNull();
        table.AddColumn("sums", "bigint[]").NotNull().DefaultValueByExpression("'{}'");
        table.FillFactor = 50;
    });

    public static IReadOnlyList<Table> All(string generation) =>
    [
        Campaigns(generation), Roster(generation), Search(generation), Connections(generation), Insights(generation), Counts(generation), Days(generation),
        Changes(generation), Pulses(generation),
    ];

    /// <summary>The organization's creators as if they were a campaign's, so that the organization has a dashboard and a list of its own.</summary>
    public static Guid Everyone(string organization) => StreamId.Of("everyone", organization);

    private static Table Define(string name, string generation, Action<Table> columns)
    {
        var table = new Table($"{Schema}.{name}_{generation}");
        table.AddColumn("tenant_id", "text").AsPrimaryKey();
        columns(table);
        return table;
    }
}
