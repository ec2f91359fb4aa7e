using System.Text.Json;
using EventSourcing;

namespace Connections.Platforms;

/// <summary>One platform's way of authorizing and of telling us about it. Holds only what <see cref="PlatformOptions"/> cannot say as data.</summary>
public interface IPlatform
{
    /// <summary>Addresses, credentials and rules of this platform.</summary>
    PlatformOptions Options { get; }

    /// <summary>Trades an authorization code for tokens and reads whose account it is. Sends the code once: a code is never good twice.</summary>
    /// <param name="code">The code as the callback carried it, URL-decoded once.</param>
    /// <param name="redirectUri">Exactly the redirect URI of the authorization request.</param>
    /// <param name="codeVerifier">The PKCE verifier where the platform takes one.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="PlatformException">The platform refused, or did not answer in its own terms.</exception>
    Task<Grant> Exchange(string code, string redirectUri, string? codeVerifier, CancellationToken ct);

    /// <summary>Renews the tokens. A rotated refresh token is in the answer and must be stored before it is used.</summary>
    /// <exception cref="PlatformException">The platform refused or could not be asked; <see cref="Diagnose"/> says what that means.</exception>
    Task<Renewal> Refresh(TokenSet tokens, CancellationToken ct);

    /// <summary>Asks for a little of everything the required scopes cover. Returns when all is well.</summary>
    /// <exception cref="PlatformException">The platform refused or could not be asked; <see cref="Diagnose"/> says what that means.</exception>
    Task Probe(TokenSet tokens, CancellationToken ct);

    /// <summary>What a failure means for the authorization: the row of this platform's decision table that applies.</summary>
    DiagnosisRow Diagnose(Observation seen, TokenFacts facts);

    /// <summary>Asks the platform to forget the authorization, where it can be asked. Never throws for "already gone".</summary>
    /// <exception cref="PlatformException">The platform could not be asked now.</exception>
    Task Disconnect(TokenSet tokens, CancellationToken ct);

    /// <summary>Reads a webhook whose signature it verifies over the raw bytes: what it means, or why it is not believed.</summary>
    ValueTask<NoticeReading> Read(InboundNotice notice, CancellationToken ct);

    /// <summary>What this platform wants to hear once its notice was read (and, where it is about an authorization, kept).</summary>
    /// <param name="reading">What the notice turned out to be.</param>
    /// <param name="hub">Origin of the Creator Hub, for platforms that want an address to show to people.</param>
    IResult Answer(NoticeReading reading, Uri hub);
}

/// <summary>What a successful exchange yields.</summary>
/// <param name="AccountId">The platform's id of the account; opaque.</param>
/// <param name="AccountKeys">Every key by which the platform may later speak of this account in a webhook, <paramref name="AccountId"/> included.</param>
/// <param name="Profile">What people recognize the account by. Personal data: never in an event.</param>
/// <param name="Scopes">What was granted.</param>
/// <param name="Tokens">The secrets. Straight into the vault.</param>
/// <param name="IsPersonal">A personal account, which the platform does not serve with insights.</param>
public sealed record Grant(string AccountId, IReadOnlyList<string> AccountKeys, AccountProfile Profile, IReadOnlyList<string> Scopes, TokenSet Tokens, bool IsPersonal);

/// <summary>What a successful refresh yields.</summary>
/// <param name="Tokens">The whole new set: what the platform did not send anew is kept from the old one.</param>
/// <param name="Scopes">What is granted now; null where the platform does not say.</param>
public sealed record Renewal(TokenSet Tokens, IReadOnlyList<string>? Scopes);

/// <summary>What people recognize an account by.</summary>
public sealed record AccountProfile(string? Handle, string? Name, string? PictureUrl);

/// <summary>The secrets of one authorization. Instants count from the moment before the request was sent, so they err on the early side.</summary>
/// <param name="AccessToken">Bearer token.</param>
/// <param name="AccessEndsAt">When the access token ends (UTC); null where unknown.</param>
/// <param name="RefreshToken">Null where the platform has none, or sent none this time.</param>
/// <param name="RefreshEndsAt">When the refresh token ends (UTC); null where the platform names no end.</param>
/// <param name="IssuedAt">When it was issued (UTC).</param>
public sealed record TokenSet(string AccessToken, DateTimeOffset? AccessEndsAt, string? RefreshToken, DateTimeOffset? RefreshEndsAt, DateTimeOffset IssuedAt)
{
    /// <summary>Never prints a secret, whatever logs it.</summary>
    public override string ToString() => $"TokenSet issued {IssuedAt:O}";
}

/// <summary>A webhook as it arrived.</summary>
/// <param name="Kind">The route's last part: <c>deauthorize</c>, <c>data-deletion</c>, or empty where the platform has one address.</param>
/// <param name="Body">The raw bytes the signature is over.</param>
/// <param name="Header">Reads a header, case-insensitively.</param>
/// <param name="ReceivedAt">When it arrived (UTC).</param>
public sealed record InboundNotice(string Kind, byte[] Body, Func<string, string?> Header, DateTimeOffset ReceivedAt);

/// <summary>What a webhook turned out to be.</summary>
public abstract record NoticeReading
{
    /// <summary>Genuine, and about an account we may know.</summary>
    /// <param name="Fingerprint">The same for a repeated delivery of the same notice.</param>
    /// <param name="AccountKey">Whose account, as in <see cref="Grant.AccountKeys"/>.</param>
    /// <param name="Reason">A word of <see cref="InvalidReason"/>.</param>
    /// <param name="Code">The platform's own word.</param>
    /// <param name="At">When the platform says it happened (UTC).</param>
    public sealed record AccessLost(string Fingerprint, string AccountKey, string Reason, string Code, DateTimeOffset At) : NoticeReading
    {
        /// <summary>A short form of the fingerprint that people can quote.</summary>
        public string ConfirmationCode => Fingerprint[..Math.Min(16, Fingerprint.Length)].ToLowerInvariant();
    }

    /// <summary>Genuine, and a reason to find out by a refresh and a probe how the authorization stands.</summary>
    /// <param name="Fingerprint">The same for a repeated delivery of the same notice.</param>
    /// <param name="AccountKey">Whose account, as in <see cref="Grant.AccountKeys"/>.</param>
    /// <param name="Code">The platform's own word.</param>
    /// <param name="At">When the platform says it happened (UTC).</param>
    public sealed record CheckNow(string Fingerprint, string AccountKey, string Code, DateTimeOffset At) : NoticeReading
    {
        /// <summary>What stands in place of a reason where such a notice is kept.</summary>
        public const string Reason = nameof(CheckNow);
    }

    /// <summary>Genuine, and nothing that changes an authorization.</summary>
    public sealed record NotForUs : NoticeReading;

    /// <summary>Not believed: unsigned, forged, malformed.</summary>
    /// <param name="Code">Stable code of the problem.</param>
    /// <param name="Detail">A sentence for whoever operates the sender.</param>
    public sealed record Refused(string Code, string Detail) : NoticeReading;
}

/// <summary>The platform refused, or its answer made no sense. Holds codes and no secret.</summary>
public sealed class PlatformException(string platform, Observation seen, Exception? inner = null)
    : Exception($"{platform} answered {seen.Words}.", inner)
{
    /// <summary>What the platform said.</summary>
    public Observation Seen { get; } = seen;

    /// <summary>The platform's own error code, or a word of ours.</summary>
    public string Code => Seen.Code;
}

/// <summary>What the adapters share in reading answers.</summary>
internal static class Answers
{
    /// <summary>The answer of platforms that only look at the status: 200, or a problem.</summary>
    public static IResult Plain(NoticeReading reading) => reading switch
    {
        NoticeReading.Refused { Code: "webhook.forged" } refused => Problems.Of(StatusCodes.Status401Unauthorized, refused.Code, refused.Detail),
        NoticeReading.Refused refused => Problems.Of(StatusCodes.Status400BadRequest, refused.Code, refused.Detail),
        _ => TypedResults.Ok(),
    };

    /// <summary>Sends a request and reads the answer; any failure becomes a <see cref="PlatformException"/>.</summary>
    /// <param name="http">The platform's client.</param>
    /// <param name="platform">Its name, for the exception.</param>
    /// <param name="request">Sent once.</param>
    /// <param name="errorOf">The platform's error in a body, null where it is none. Asked before the status: some answer errors with 200.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="look">Sees the answer's headers, whatever it says.</param>
    public static async Task<JsonElement> Send(
        HttpClient http, string platform, HttpRequestMessage request, Func<JsonElement, Observation?> errorOf, CancellationToken ct, Action<HttpResponseMessage>? look = null)
    {
        try
        {
            using var response = await http.SendAsync(request, ct);
            look?.Invoke(response);
            var text = await response.Content.ReadAsByteArrayAsync(ct);
            var status = (int)response.StatusCode;
            var error = Parse(text) is not { } json
                ? new Observation(response.IsSuccessStatusCode ? Observation.Malformed : $"http-{status}")
                : json.ValueKind == JsonValueKind.Object && errorOf(json) is { } told ? told
                : response.IsSuccessStatusCode ? null : new Observation($"http-{status}");
            return error is null ? Parse(text)!.Value : throw new PlatformException(platform, error with { Status = status, RetryAfter = error.RetryAfter ?? WaitOf(response) });
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException || (exception is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new PlatformException(platform, new(Observation.Unreachable), exception);
        }
    }

    /// <summary>A word the platform must have sent; an empty one is none.</summary>
    public static string Required(this JsonElement json, string name, string platform) =>
        json.Text(name) is { Length: > 0 } value ? value : throw new PlatformException(platform, new(Observation.Malformed, Status: 200));

    private static TimeSpan? WaitOf(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when response.Headers.Date is { } now && date > now => date - now,
        _ => null,
    };

    private static JsonElement? Parse(byte[] text)
    {
        try
        {
            return JsonDocument.Parse(text.Length == 0 ? "{}"u8.ToArray() : text).RootElement;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>An id or word that arrives as a string or as a number.</summary>
    public static string? Text(this JsonElement json, string name) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value)
        ? value.ValueKind switch { JsonValueKind.String => value.GetString(), JsonValueKind.Number => value.GetRawText(), _ => null }
        : null;

    /// <summary>A count that arrives as a number or as a string; null where there is none.</summary>
    public static double? Number(this JsonElement json, string name) =>
        double.TryParse(json.Text(name), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The elements of an array; none where there is no such array.</summary>
    public static IEnumerable<JsonElement> Each(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var array) && array.ValueKind == JsonValueKind.Array ? array.EnumerateArray() : [];

    /// <summary>An object; an empty one where there is none.</summary>
    public static JsonElement Inner(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var inner) && inner.ValueKind == JsonValueKind.Object ? inner : default;

    public static TimeSpan? Seconds(this JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds) ? TimeSpan.FromSeconds(seconds) : null;
}
