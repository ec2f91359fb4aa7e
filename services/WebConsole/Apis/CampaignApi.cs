using Microsoft.AspNetCore.Http.Extensions;
using WebConsole.SignIn;

namespace WebConsole.Apis;

public sealed record Organization(string Id, string Name);

public sealed record Page<T>(IReadOnlyList<T> Items, int? Total, string? Next);

public sealed record CampaignSummary(Guid Id, string Name, DateOnly StartsOn, DateOnly EndsOn, int Creators, IReadOnlyList<string> RequiredConnections);

public sealed record Dashboard(
    Guid CampaignId, string Name, DateOnly StartsOn, DateOnly EndsOn, int Creators, double Coverage,
    IReadOnlyList<StatusCounts> ConnectionTypes, Warning? Warning, DateTimeOffset? UpdatedAt);

public sealed record StatusCounts(string Type, int Connected, int Expired, int Invalidated, int NotConnected)
{
    public int Total => Connected + Expired + Invalidated + NotConnected;
}

public sealed record Warning(string Message, int Creators);

public sealed record CreatorRow(Guid CreatorId, string Name, Dictionary<string, string?> Handles, IReadOnlyList<ConnectionCell> Connections, LastOutreach? LastOutreach);

public sealed record ConnectionCell(string Type, string Platform, string Status, string? Reason, DateTimeOffset? Since, Guid? ConnectionId);

public sealed record LastOutreach(string Template, DateTimeOffset At, Guid OutreachId);

/// <summary>Which creators of a campaign to show: the same words in the address of the page and in the question to the service.</summary>
public sealed record CreatorFilter(string? Search = null, string? Type = null, string? Status = null, bool Missing = false)
{
    public bool IsEmpty => this == new CreatorFilter();

    public QueryBuilder Query()
    {
        var query = new QueryBuilder();
        Add("search", Search);
        Add("type", Type);
        Add("status", Status);
        Add("missing", Missing ? "true" : null);
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

/// <summary>Campaigns, their creators and how they are connected.</summary>
public sealed class CampaignApi(HttpClient http, Caller caller) : ApiClient(http, caller, "campaign")
{
    public Task<Organization> Organization(CancellationToken ct) => Get<Organization>("/v1/organization", ct);

    public Task<Page<CampaignSummary>> Campaigns(string? cursor, CancellationToken ct) =>
        Get<Page<CampaignSummary>>(cursor is null ? "/v1/campaigns" : $"/v1/campaigns?cursor={Uri.EscapeDataString(cursor)}", ct);

    public Task<CampaignSummary> Campaign(Guid id, CancellationToken ct) => Get<CampaignSummary>($"/v1/campaigns/{id}", ct);

    public Task<Dashboard> Dashboard(Guid id, CancellationToken ct) => Get<Dashboard>($"/v1/campaigns/{id}/dashboard", ct);

    /// <summary>Who these are. The addresses that come along are not for a page.</summary>
    public async Task<IEnumerable<KeyValuePair<Guid, string>>> Names(IReadOnlyCollection<Guid> creators, CancellationToken ct) =>
        (await Post<Page<Contact>>("/v1/creators/contacts", new { creatorIds = creators }, ct)).Items.Select(contact => KeyValuePair.Create(contact.CreatorId, contact.Name));

    public Task<Page<CreatorRow>> Creators(Guid campaign, CreatorFilter filter, string? cursor, int limit, CancellationToken ct)
    {
        var query = filter.Query();
        query.Add("limit", limit.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (cursor is not null)
        {
            query.Add("cursor", cursor);
        }

        return Get<Page<CreatorRow>>($"/v1/campaigns/{campaign}/creators{query}", ct);
    }

    private sealed record Contact(Guid CreatorId, string Name);
}
