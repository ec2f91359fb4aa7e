using WebConsole.SignIn;

namespace WebConsole.Apis;

/// <summary>What is to be sent to whom; the same for a preview and for the real thing. Recipients are named one by one, or by the filter of the creators list.</summary>
public sealed record OutreachRequest(
    Guid CampaignId, string Template, IReadOnlyCollection<Guid>? CreatorIds, string? Filter = null, MessageEdit? Message = null, DateTimeOffset? SendAt = null, FollowUp? FollowUp = null);

/// <summary>The template's words changed for one send; null stays as it is.</summary>
public sealed record MessageEdit(string? Subject, string? Text);

public sealed record FollowUp(int AfterDays, int Times);

public sealed record OutreachPreview(IReadOnlyList<RecipientPreview> Items, PreviewCounts Counts);

public sealed record PreviewCounts(int WillSend, Dictionary<string, int> Skipped);

public sealed record RecipientPreview(Guid CreatorId, bool WillSend, string? Reason, string? Subject, string? Text, string? Html = null);

public sealed record Accepted(Guid Id);

public sealed record OutreachProgress(
    Guid Id, string Status, VerdictCounts Counts, Guid? CampaignId = null, string? Template = null, DateTimeOffset? CreatedAt = null, DateTimeOffset? SendAt = null, FollowUp? FollowUp = null, Guid? Parent = null)
{
    public bool IsOver => Status is "Completed" || (Status is "Cancelled" && Counts.Queued == 0);
}

public sealed record VerdictCounts(int Queued, int Sent, int Skipped, int Failed, int Opened = 0, int Clicked = 0, int Connected = 0)
{
    public int Total => Queued + Sent + Skipped + Failed;
}

public sealed record RecipientVerdict(
    Guid CreatorId, string Verdict, string? Reason, DateTimeOffset? At, DateTimeOffset? OpenedAt = null, DateTimeOffset? ClickedAt = null, DateTimeOffset? ConnectedAt = null);

/// <summary>Messages to creators: what they would say, sending them, and what became of each.</summary>
public sealed partial class OutreachApi(HttpClient http, Caller caller) : ApiClient(http, caller, "outreach")
{
    /// <summary>The most recipients the service takes in one request.</summary>
    public const int MaxRecipients = 100_000;

    public Task<OutreachPreview> Preview(OutreachRequest request, CancellationToken ct) => Post<OutreachPreview>("/v1/outreach/preview", request, ct);

    /// <summary>Asking again with the same key sends nothing twice.</summary>
    public async Task<Guid> Send(OutreachRequest request, string idempotencyKey, CancellationToken ct) =>
        (await Post<Accepted>("/v1/outreach", request, ct, idempotencyKey)).Id;

    /// <summary>How it gets on, as it does; the last one says it is over.</summary>
    public IAsyncEnumerable<OutreachProgress> Follow(Guid id, CancellationToken ct) => Watch<OutreachProgress>($"/v1/outreach/{id}/progress", ct);

    /// <summary>The verb is pause, resume or cancel.</summary>
    public Task Steer(Guid id, string verb, CancellationToken ct) => Do(HttpMethod.Post, $"/v1/outreach/{id}/{verb}", null, ct);

    public Task<Page<RecipientVerdict>> Recipients(Guid id, string? verdict, string? cursor, int limit, CancellationToken ct) => Get<Page<RecipientVerdict>>(
        $"/v1/outreach/{id}/recipients?limit={limit}{(verdict is null ? "" : $"&verdict={verdict}")}{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}", ct);
}
