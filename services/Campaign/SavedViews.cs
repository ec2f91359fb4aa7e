using System.Security.Claims;
using System.Text.Json.Serialization;
using EventSourcing;
using Microsoft.AspNetCore.WebUtilities;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Campaigns;

/// <summary>How one person likes to look at the creators of a campaign.</summary>
/// <param name="Id">The view.</param>
/// <param name="Name">As its owner calls it; no two of theirs share one, whatever case and accents.</param>
/// <param name="Query">The query of <c>GET /v1/campaigns/{id}/creators</c>, without page and question mark.</param>
/// <param name="MissingFilterOn">Is the filter for missing connections switched on?</param>
/// <param name="Columns">Which columns it shows, in this order; none says nothing about columns.</param>
/// <param name="Revision">How often it was saved.</param>
public sealed record SavedView(Guid Id, string Name, string Query, bool MissingFilterOn, IReadOnlyList<string> Columns, long Revision)
{
    public const int LongestName = 100;
    public const int LongestQuery = 2000;
    public const int MostColumns = 50;
    private const int LongestColumn = 100;

    public static Decision.Refused Exists { get; } = new(RefusalKind.WrongState, "view.exists", "You have a view of this name. Choose another one.", "name");

    /// <summary>This person has no such view; somebody else's is none of their business.</summary>
    public static Decision.Refused Unknown { get; } = new(RefusalKind.Unknown, "view.unknown", "You have no view with this id.", null);

    [JsonIgnore]
    public string NameKey => CreatorProfile.SearchKey(Name);

    /// <summary>A view as somebody typed it, tidied but not yet checked.</summary>
    public static SavedView Of(Guid id, string? name, string? query, bool missingFilterOn, IReadOnlyList<string>? columns) =>
        new(id, name?.Trim() ?? "", query?.Trim().TrimStart('?') ?? "", missingFilterOn, columns ?? [], 1);

    /// <summary>Whose views: a person, or the client that acts for itself.</summary>
    public static string OwnerOf(ClaimsPrincipal user) => user.FindFirstValue("sub") ?? user.FindFirstValue("client_id") ?? "unknown";

    /// <summary>The first thing wrong with it; null when it can be saved.</summary>
    public Decision.Refused? Flaw()
    {
        if (Name.Length is 0 or > LongestName || Name.Any(char.IsControl))
        {
            return Invalid("name", "name.invalid", $"Give the view a name of 1 to {LongestName} characters, on one line.");
        }

        if (Query.Length > LongestQuery || Query.Any(char.IsControl))
        {
            return Invalid("query", "view.query-invalid", $"A query is one line of at most {LongestQuery} characters.");
        }

        if (QueryHelpers.ParseQuery(Query).Keys.Any(name => !CreatorFilter.Parameters.Contains(name, StringComparer.OrdinalIgnoreCase)))
        {
            return Invalid("query", "view.query-invalid", $"A view can hold {string.Join(", ", CreatorFilter.Parameters)}.");
        }

        return Columns.Count > MostColumns || Columns.Any(column => column.Length is 0 or > LongestColumn || column.Any(char.IsControl))
            ? Invalid("columns", "view.columns-invalid", $"Name at most {MostColumns} columns, of 1 to {LongestColumn} characters each.")
            : null;
    }

    private static Decision.Refused Invalid(string field, string code, string detail) => new(RefusalKind.InvalidValue, code, detail, field);
}

/// <summary>The views people saved: rows, because nobody else needs to know and nothing follows from them.</summary>
public sealed class SavedViews(NpgsqlDataSource source)
{
    private const int Most = 100;
    private const string Columns = "view_id, name, query, missing_filter_on, columns, revision";

    public static Table Table()
    {
        var table = new Table($"{CampaignTables.Schema}.saved_view");
        table.AddColumn("tenant_id", "text").AsPrimaryKey();
        table.AddColumn("view_id", "uuid").AsPrimaryKey();
        table.AddColumn("person", "text").NotNull();
        table.AddColumn("name_key", "text").NotNull();
        table.AddColumn("name", "text").NotNull();
        table.AddColumn("query", "text").NotNull();
        table.AddColumn("missing_filter_on", "boolean").NotNull();
        table.AddColumn("columns", "text[]").NotNull();
        table.AddColumn("revision", "bigint").NotNull();
        table.Indexes.Add(new IndexDefinition("saved_view_name") { Columns = ["tenant_id", "person", "name_key"], IsUnique = true });
        return table;
    }

    /// <summary>One person's views by name; or the one of that id.</summary>
    public async Task<IReadOnlyList<SavedView>> Of(string organization, string person, Guid? only, CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            $"select {Columns} from campaign.saved_view where tenant_id = $1 and person = $2 and ($3::uuid is null or view_id = $3) order by name_key");
        Fill(command, organization, person, (object?)only ?? DBNull.Value);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var views = new List<SavedView>();
        while (await reader.ReadAsync(ct))
        {
            views.Add(new(reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetBoolean(3), reader.GetFieldValue<string[]>(4), reader.GetInt64(5)));
        }

        return views;
    }

    /// <summary>Keeps a new view; or says why not.</summary>
    public async Task<Decision.Refused?> Add(string organization, string person, SavedView view, CancellationToken ct)
    {
        await using var command = Command(
            """
            insert into campaign.saved_view (tenant_id, person, view_id, name_key, name, query, missing_filter_on, columns, revision)
            select $1, $2, $3, $4, $5, $6, $7, $8, 1 where (select count(*) from campaign.saved_view where tenant_id = $1 and person = $2) < $9
            on conflict (tenant_id, person, name_key) do nothing
            """,
            organization, person, view, Most);
        if (await command.ExecuteNonQueryAsync(ct) > 0)
        {
            return null;
        }

        return (await Of(organization, person, null, ct)).Any(known => known.NameKey == view.NameKey)
            ? SavedView.Exists
            : new(RefusalKind.WrongState, "views.too-many", $"You have {Most} views. Delete one that you do not need any more.", null);
    }

    /// <summary>Changes a view that is of the revision the caller has seen; null is any. Answers its new revision, or why it stays as it is.</summary>
    public async Task<(long Revision, Decision.Refused? Refusal)> Change(string organization, string person, SavedView view, long? seen, CancellationToken ct)
    {
        await using var command = Command(
            """
            update campaign.saved_view set name_key = $4, name = $5, query = $6, missing_filter_on = $7, columns = $8, revision = revision + 1
            where tenant_id = $1 and person = $2 and view_id = $3 and ($9::bigint is null or revision = $9) returning revision
            """,
            organization, person, view, (object?)seen ?? DBNull.Value);
        try
        {
            return await command.ExecuteScalarAsync(ct) is long revision
                ? (revision, null)
                : (0, await Of(organization, person, view.Id, ct) is [] ? SavedView.Unknown : EntityTag.Stale);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return (0, SavedView.Exists);
        }
    }

    /// <summary>Was there such a view?</summary>
    public async Task<bool> Remove(string organization, string person, Guid id, CancellationToken ct)
    {
        await using var command = source.CreateCommand("delete from campaign.saved_view where tenant_id = $1 and person = $2 and view_id = $3");
        Fill(command, organization, person, id);
        return await command.ExecuteNonQueryAsync(ct) > 0;
    }

    private NpgsqlCommand Command(string sql, string organization, string person, SavedView view, object last)
    {
        var command = source.CreateCommand(sql);
        Fill(command, organization, person, view.Id, view.NameKey, view.Name, view.Query, view.MissingFilterOn, view.Columns.ToArray(), last);
        return command;
    }

    private static void Fill(NpgsqlCommand command, params IEnumerable<object> values) =>
        command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value }).ToArray());
}
