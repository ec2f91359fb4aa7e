using Microsoft.AspNetCore.Http.Extensions;

namespace WebConsole.Apis;

/// <summary>Which creators of a campaign to show, in which order: the same words in the address of the page and in the question to the service.</summary>
/// <param name="Search">Part of a name or a handle.</param>
/// <param name="Type">Connection types of which one has one of <paramref name="Status"/>; several separated by commas.</param>
/// <param name="Status">Statuses, separated by commas.</param>
/// <param name="Missing">Only who lacks a connection.</param>
/// <param name="Connections">Conditions that all hold, <c>Type:Status,Status</c>; one without a status is being chosen and asks for nothing yet.</param>
/// <param name="Outreach">States of the newest message, separated by commas.</param>
/// <param name="ExpiringWithin">Days.</param>
/// <param name="Sort">A column; a minus before it turns it around.</param>
public sealed record CreatorFilter(
    string? Search = null, string? Type = null, string? Status = null, bool Missing = false, IReadOnlyList<string>? Connections = null,
    string? Outreach = null, string? ExpiringWithin = null, string? Sort = null)
{
    /// <summary>Does it leave out nobody? The order leaves out nobody.</summary>
    public bool IsEmpty => this with { Sort = null } == new CreatorFilter();

    /// <summary>As it stands in the address of the page.</summary>
    public QueryBuilder Query() => Write(Connections ?? []);

    /// <summary>As the service is asked.</summary>
    public QueryBuilder Asked() => Write((Connections ?? []).Where(condition => condition.Contains(':', StringComparison.Ordinal)));

    /// <summary>As an outreach names its recipients: whom, not in which order.</summary>
    public string Recipients() => (this with { Sort = null }).Asked().ToString().TrimStart('?');

    /// <summary>The statuses chosen of a type; null where there is no condition on it.</summary>
    public IReadOnlyList<string>? Chosen(string type)
    {
        var condition = (Connections ?? []).FirstOrDefault(one => TypeOf(one) == type);
        return condition is not null ? Words(condition[type.Length..].TrimStart(':')) : Type == type ? Words(Status) : null;
    }

    /// <summary>With these statuses of a type in place of those before; null takes the condition away.</summary>
    public CreatorFilter Choose(string type, IReadOnlyCollection<string>? statuses)
    {
        var others = (Connections ?? []).Where(one => TypeOf(one) != type);
        var condition = statuses is null ? [] : (string[])[statuses.Count == 0 ? type : $"{type}:{string.Join(',', statuses)}"];
        var without = Type == type ? this with { Type = null, Status = null } : this;
        return without with { Connections = [.. others, .. condition] };
    }

    // Two filters are one when they say the same; lists would be compared by identity.
    public bool Equals(CreatorFilter? other) => other is not null && Query().ToString() == other.Query().ToString();

    public override int GetHashCode() => Query().ToString().GetHashCode(StringComparison.Ordinal);

    public static string TypeOf(string condition) => condition.Split(':')[0];

    public static IReadOnlyList<string> Words(string? list) => [.. (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private QueryBuilder Write(IEnumerable<string> conditions)
    {
        var query = new QueryBuilder();
        Add("search", Search);
        Add("type", Type);
        Add("status", Status);
        foreach (var condition in conditions)
        {
            Add("connection", condition);
        }

        Add("missing", Missing ? "true" : null);
        Add("outreach", Outreach);
        Add("expiringWithin", ExpiringWithin);
        Add("sort", Sort);
        return query;

        void Add(string name, string? value)
        {
            if (value is { Length: > 0 })
            {
                query.Add(name, value);
            }
        }
    }
}
