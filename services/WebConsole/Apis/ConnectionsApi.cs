using WebConsole.SignIn;

namespace WebConsole.Apis;

public sealed record Connection(
    Guid? ConnectionId, string Platform, string Type, string Status, string? Reason, string? Confidence, DateTimeOffset? Since,
    IReadOnlyList<string>? Scopes, Account? Account, DateTimeOffset? ExpiresAt, string? NextAction);

public sealed record Account(string Id, string? Handle, string? Name, string? PictureUrl);

public sealed record HistoryEntry(DateTimeOffset At, string Event, string? Status, string? Reason, string? Source, string? Code, string? By);

/// <summary>One creator's connections in full.</summary>
public sealed class ConnectionsApi(HttpClient http, Caller caller) : ApiClient(http, caller, "connections")
{
    public async Task<IReadOnlyList<Connection>> OfCreator(Guid creator, CancellationToken ct) =>
        (await Get<Page<Connection>>($"/v1/creators/{creator}/connections", ct)).Items;

    public async Task<IReadOnlyList<HistoryEntry>> History(Guid connection, CancellationToken ct) =>
        (await Get<Page<HistoryEntry>>($"/v1/connections/{connection}/history", ct)).Items;
}
