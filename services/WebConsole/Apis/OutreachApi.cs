using WebConsole.SignIn;

namespace WebConsole.Apis;

public sealed record Template(string Key, string Name, string Subject);

public sealed record OutreachRequest(Guid CampaignId, string Template, IReadOnlyCollection<Guid> CreatorIds);

public sealed record RecipientPreview(Guid CreatorId, bool WillSend, string? Reason, string? Subject, string? Text);

public sealed record Accepted(Guid Id);

public sealed record OutreachProgress(Guid Id, string Status, VerdictCounts Counts)
{
    public bool IsCompleted => Status is "Completed";
}

public sealed record VerdictCounts(int Queued, int Sent, int Skipped, int Failed)
{
    public int Total => Queued + Sent + Skipped + Failed;
}

public sealed record RecipientVerdict(Guid CreatorId, string Verdict, string? Reason, DateTimeOffset? At);

/// <summary>Messages to creators: what they would say, sending them, and what became of each.</summary>
public sealed class OutreachApi(HttpClient http, Caller caller) : ApiClient(http, caller, "outreach")
{
    /// <summary>The most recipients the service takes in one request.</summary>
    public const int MaxRecipients = 1000;

    public async Task<IReadOnlyList<Template>> Templates(CancellationToken ct) => (await Get<Page<Template>>("/v1/templates", ct)).Items;

    public async Task<IReadOnlyList<RecipientPreview>> Preview(OutreachRequest request, CancellationToken ct) =>
        (await Post<Page<RecipientPreview>>("/v1/outreach/preview", request, ct)).Items;

    /// <summary>Asking again with the same key sends nothing twice.</summary>
    public async Task<Guid> Send(OutreachRequest request, string idempotencyKey, CancellationToken ct) =>
        (await Post<Accepted>("/v1/outreach", request, ct, idempotencyKey)).Id;

    public Task<OutreachProgress> Progress(Guid id, CancellationToken ct) => Get<OutreachProgress>($"/v1/outreach/{id}", ct);

    public async Task<IReadOnlyList<RecipientVerdict>> Recipients(Guid id, CancellationToken ct)
    {
        var verdicts = new List<RecipientVerdict>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await Get<Page<RecipientVerdict>>($"/v1/outreach/{id}/recipients?limit=200{(cursor is "" ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}", ct);
            verdicts.AddRange(page.Items);
            cursor = page.Next;
        }

        return verdicts;
    }
}
