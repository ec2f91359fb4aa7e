namespace WebConsole.Apis;

public sealed record SenderSettings(
    string? Name, string? Address, string? ReplyTo, string? CopyTo, int? PerMinute, int? DailyCap, string? QuietFrom, string? QuietUntil, string TimeZone, string DefaultAddress, IReadOnlyList<string> Domains);

/// <summary>As whom to write; null is the default.</summary>
public sealed record SenderDraft(string? Name, string? Address, string? ReplyTo, string? CopyTo, int? PerMinute, int? DailyCap, string? QuietFrom, string? QuietUntil, string? TimeZone);

/// <summary>Who is not written to. Without a campaign: about nothing at all.</summary>
public sealed record Suppression(Guid CreatorId, Guid? CampaignId, string Reason, string By, DateTimeOffset At);

public sealed partial class OutreachApi
{
    public Task<Versioned<SenderSettings>> Sender(CancellationToken ct) => GetVersioned<SenderSettings>("/v1/settings/sender", ct);

    public Task<Versioned<SenderSettings>> Save(SenderDraft draft, string tag, CancellationToken ct) => Save<SenderSettings>(HttpMethod.Put, "/v1/settings/sender", draft, tag, ct);

    public Task<Page<Suppression>> Suppressions(string? reason, string? cursor, CancellationToken ct) =>
        Get<Page<Suppression>>($"/v1/suppressions?limit=50{(reason is null ? "" : $"&reason={reason}")}{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}", ct);

    public Task Suppress(Guid creator, Guid? campaign, CancellationToken ct, string reason = "Manual") =>
        Do(HttpMethod.Put, $"/v1/suppressions/{creator}", new { campaignId = campaign, reason }, ct);

    public Task Lift(Guid creator, Guid? campaign, CancellationToken ct) =>
        Do(HttpMethod.Delete, $"/v1/suppressions/{creator}{(campaign is null ? "" : $"?campaignId={campaign}")}", null, ct);
}
