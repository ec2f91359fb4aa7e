using WebConsole.SignIn;

namespace WebConsole.Apis;

public sealed record Organization(string Id, string Name);

public sealed record Page<T>(IReadOnlyList<T> Items, int? Total, string? Next);

/// <summary>A campaign with its figures, so that a list of campaigns is one question.</summary>
public sealed record CampaignSummary(
    Guid Id, string Name, DateOnly StartsOn, DateOnly EndsOn, int Creators, IReadOnlyList<string> RequiredConnections,
    double Coverage = 0, int Missing = 0, IReadOnlyList<StatusCounts>? ConnectionTypes = null);

public sealed record Dashboard(
    Guid CampaignId, string Name, DateOnly StartsOn, DateOnly EndsOn, int Creators, double Coverage,
    IReadOnlyList<StatusCounts> ConnectionTypes, Warning? Warning, DateTimeOffset? UpdatedAt,
    int? ExpiringSoon = null, Funnel? Outreach = null, IReadOnlyList<Fix>? FixAll = null);

public sealed record StatusCounts(string Type, int Connected, int Expired, int Invalidated, int NotConnected)
{
    public int Total => Connected + Expired + Invalidated + NotConnected;
}

public sealed record Warning(string Message, int Creators, IReadOnlyList<NamedCreator>? Names = null, IReadOnlyList<Lost>? Losses = null);

public sealed record NamedCreator(Guid CreatorId, string Name);

/// <summary>What is not counted while creators lack a connection of this type.</summary>
public sealed record Lost(string Type, int Creators, IReadOnlyList<string> Metrics, IReadOnlyList<string> Content);

/// <summary>How far the newest messages have come, creator by creator.</summary>
public sealed record Funnel(int Asked, int Reached, int Clicked, int Connected, int Bounced, int Failed);

/// <summary>An outreach that would mend what the warning speaks of.</summary>
public sealed record Fix(int Creators, FixRequest Request);

public sealed record FixRequest(string Template, string Filter);

public sealed record Trend(IReadOnlyList<TrendDay> Days);

public sealed record TrendDay(DateOnly Date, int Creators, double Coverage);

public sealed record CreatorRow(Guid CreatorId, string Name, Dictionary<string, string?> Handles, IReadOnlyList<ConnectionCell> Connections, LastOutreach? LastOutreach);

public sealed record ConnectionCell(
    string Type, string Platform, string Status, string? Reason, DateTimeOffset? Since, Guid? ConnectionId,
    DateTimeOffset? ExpiringAt = null, CellInsights? Insights = null, string? NextAction = null);

public sealed record CellInsights(string State, DateTimeOffset? CollectedAt, DateOnly? Through);

public sealed record LastOutreach(string Template, DateTimeOffset At, Guid OutreachId, string? State = null);

/// <summary>How many creators each further filter would leave.</summary>
public sealed record Facets(int Total, IReadOnlyList<TypeFacet> ConnectionTypes, IReadOnlyList<Facet> Outreach, int Missing, IReadOnlyList<ExpiryFacet> Expiring)
{
    public int? Of(string type, string status) => Count(ConnectionTypes.FirstOrDefault(one => one.Type == type)?.Statuses, status);

    public int? OfOutreach(string state) => Count(Outreach, state);

    private static int? Count(IReadOnlyList<Facet>? facets, string value) => facets?.FirstOrDefault(facet => facet.Value == value)?.Creators;
}

public sealed record Facet(string Value, int Creators);

public sealed record TypeFacet(string Type, IReadOnlyList<Facet> Statuses);

public sealed record ExpiryFacet(int Days, int Creators);

/// <summary>Campaigns, their creators and how they are connected.</summary>
public sealed partial class CampaignApi(HttpClient http, Caller caller) : ApiClient(http, caller, "campaign")
{
    public Task<Organization> Organization(CancellationToken ct) => Get<Organization>("/v1/organization", ct);

    public Task<Page<CampaignSummary>> Campaigns(string? cursor, CancellationToken ct) =>
        Get<Page<CampaignSummary>>(cursor is null ? "/v1/campaigns" : $"/v1/campaigns?cursor={Uri.EscapeDataString(cursor)}", ct);

    public Task<CampaignSummary> Campaign(Guid id, CancellationToken ct) => Get<CampaignSummary>($"/v1/campaigns/{id}", ct);

    public Task<Trend> Trend(Guid id, int days, CancellationToken ct) =>
        Get<Trend>(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/v1/campaigns/{id}/trend?days={days}"), ct);

    public Task<Facets> Facets(Guid campaign, CreatorFilter filter, CancellationToken ct) => Get<Facets>($"/v1/campaigns/{campaign}/creators/facets{filter.Asked()}", ct);

    /// <summary>The creators as a file, as it comes: the caller disposes of it.</summary>
    public Task<HttpResponseMessage> Export(Guid campaign, string query, CancellationToken ct) => Open($"/v1/campaigns/{campaign}/creators.csv{query}", "text/csv", ct);

    public Task<Dashboard> Dashboard(Guid id, CancellationToken ct) => Get<Dashboard>($"/v1/campaigns/{id}/dashboard", ct);

    /// <summary>Who these are. The addresses that come along are not for a page.</summary>
    public async Task<IEnumerable<KeyValuePair<Guid, string>>> Names(IReadOnlyCollection<Guid> creators, CancellationToken ct) =>
        (await Post<Page<Contact>>("/v1/creators/contacts", new { creatorIds = creators }, ct)).Items.Select(contact => KeyValuePair.Create(contact.CreatorId, contact.Name));

    public Task<Page<CreatorRow>> Creators(Guid campaign, CreatorFilter filter, string? cursor, int limit, CancellationToken ct)
    {
        var query = filter.Asked();
        query.Add("limit", limit.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (cursor is not null)
        {
            query.Add("cursor", cursor);
        }

        return Get<Page<CreatorRow>>($"/v1/campaigns/{campaign}/creators{query}", ct);
    }

    private sealed record Contact(Guid CreatorId, string Name);
}
