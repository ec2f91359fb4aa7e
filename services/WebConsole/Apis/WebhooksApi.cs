using WebConsole.SignIn;

namespace WebConsole.Apis;

/// <summary>An address that the organization's events are posted to.</summary>
public sealed record WebhookEndpoint(
    Guid Id, string Url, string Description, IReadOnlyList<string> Types, bool Paused, string? PausedBecause, DateTimeOffset? PausedAt, DateTimeOffset? FailingSince, DateTimeOffset CreatedAt,
    IReadOnlyList<WebhookSecret> Secrets);

/// <summary>A secret that signs, without itself; the newest has no end.</summary>
public sealed record WebhookSecret(Guid Id, DateTimeOffset CreatedAt, DateTimeOffset? EndsAt);

/// <summary>What somebody wants of an endpoint; no types are all of them.</summary>
public sealed record WebhookDraft(string Url, string Description, IReadOnlyList<string> Types, bool Paused);

public sealed record WebhookEventType(string Type, string Area);

/// <summary>The one answer with the secret in it; null where an answer before it had it.</summary>
public sealed record WebhookRegistered(Guid Id, string? Secret);

public sealed record WebhookRotated(string Secret, DateTimeOffset PreviousEndsAt);

public sealed record WebhookDelivery(
    Guid MessageId, string Type, string Subject, string State, int Attempts, DateTimeOffset TakenInAt, DateTimeOffset? NextAt, DateTimeOffset? SettledAt, int? LastStatus, string? LastOutcome);

public sealed record WebhookAttempt(int Number, DateTimeOffset At, int Milliseconds, int? Status, string Outcome);

public sealed record WebhookDeliveryDetail(WebhookDelivery Delivery, IReadOnlyList<WebhookAttempt> Attempts);

public sealed record WebhookDeadLetter(Guid EndpointId, WebhookDelivery Delivery);

public sealed record WebhookReplayed(int Replayed, string? Next);

/// <summary>Where the organization's events are posted, and what came of it.</summary>
public sealed class WebhooksApi(HttpClient http, Caller caller) : ApiClient(http, caller, "webhooks")
{
    /// <summary>The most messages the service takes in one request.</summary>
    public const int MostIds = 500;

    public Task<Page<WebhookEndpoint>> Endpoints(string? cursor, CancellationToken ct) => Get<Page<WebhookEndpoint>>($"/v1/webhook-endpoints{After("?", cursor)}", ct);

    public Task<Versioned<WebhookEndpoint>> Endpoint(Guid id, CancellationToken ct) => GetVersioned<WebhookEndpoint>(At(id), ct);

    public async Task<IReadOnlyList<WebhookEventType>> EventTypes(CancellationToken ct) => (await Get<Page<WebhookEventType>>("/v1/webhook-event-types", ct)).Items;

    /// <summary>Asking again with the same key registers nothing twice, and answers without the secret.</summary>
    public Task<WebhookRegistered> Register(WebhookDraft draft, string key, CancellationToken ct) => Post<WebhookRegistered>("/v1/webhook-endpoints", draft, ct, key);

    public Task<Versioned<WebhookEndpoint>> Change(Guid id, WebhookDraft draft, string tag, CancellationToken ct) => Save<WebhookEndpoint>(HttpMethod.Put, At(id), draft, tag, ct);

    public Task Remove(Guid id, CancellationToken ct) => Do(HttpMethod.Delete, At(id), null, ct);

    public async Task<WebhookRotated> Rotate(Guid id, string tag, CancellationToken ct) => (await Save<WebhookRotated>(HttpMethod.Post, $"{At(id)}/secret/rotate", null, tag, ct)).Value;

    public Task EndPrevious(Guid id, CancellationToken ct) => Do(HttpMethod.Delete, $"{At(id)}/secret/previous", null, ct);

    /// <summary>Answers the id of the message that was sent.</summary>
    public async Task<Guid> Test(Guid id, CancellationToken ct) => (await Post<Tested>($"{At(id)}/test", new { }, ct)).MessageId;

    public Task<Page<WebhookDelivery>> Deliveries(Guid id, string? state, string? cursor, CancellationToken ct) =>
        Get<Page<WebhookDelivery>>($"{At(id)}/deliveries?limit=50{(state is null ? "" : $"&state={state}")}{After("&", cursor)}", ct);

    public Task<WebhookDeliveryDetail> Delivery(Guid id, Guid message, CancellationToken ct) => Get<WebhookDeliveryDetail>($"{At(id)}/deliveries/{message}", ct);

    public Task<WebhookReplayed> Replay(Guid id, IReadOnlyCollection<Guid> messages, CancellationToken ct) => Post<WebhookReplayed>($"{At(id)}/replay", new { messageIds = messages }, ct);

    public Task<WebhookReplayed> Replay(Guid id, DateTimeOffset since, IReadOnlyCollection<string>? types, string? after, CancellationToken ct) =>
        Post<WebhookReplayed>($"{At(id)}/replay", new { since, types, after }, ct);

    public Task<Page<WebhookDeadLetter>> DeadLetters(string? cursor, CancellationToken ct) => Get<Page<WebhookDeadLetter>>($"/v1/webhook-dead-letters?limit=50{After("&", cursor)}", ct);

    private static string At(Guid id) => $"/v1/webhook-endpoints/{id}";

    private static string After(string separator, string? cursor) => cursor is null ? "" : $"{separator}cursor={Uri.EscapeDataString(cursor)}";

    private sealed record Tested(Guid MessageId);
}
