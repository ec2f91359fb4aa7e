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

    /// <summary>Genuine, and nothing that changes an authorization.</summary>
    public sealed record NotForUs : NoticeReading;

    /// <summary>Not believed: unsigned, forged, malformed.</summary>
    /// <param name="Code">Stable code of the problem.</param>
    /// <param name="Detail">A sentence for whoever operates the sender.</param>
    public sealed record Refused(string Code, string Detail) : NoticeReading;
}

/// <summary>The platform refused, or its answer made no sense. <see cref="Code"/> is the platform's own; the message holds no secret.</summary>
public sealed class PlatformException(string platform, string code, bool isTransient, Exception? inner = null)
    : Exception($"{platform} answered {code}.", inner)
{
    /// <summary>The platform's own error code, or a word of ours such as <c>unreachable</c> or <c>malformed</c>.</summary>
    public string Code { get; } = code;

    /// <summary>Is it worth asking again later?</summary>
    public bool IsTransient { get; } = isTransient;
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

    public static async Task<JsonElement> Send(HttpClient http, string platform, HttpRequestMessage request, Func<JsonElement, string?> errorOf, CancellationToken ct)
    {
        try
        {
            using var response = await http.SendAsync(request, ct);
            var text = await response.Content.ReadAsByteArrayAsync(ct);
            JsonElement json;
            try
            {
                json = text.Length == 0 ? JsonDocument.Parse("{}").RootElement : JsonDocument.Parse(text).RootElement;
            }
            catch (JsonException)
            {
                throw new PlatformException(platform, $"http-{(int)response.StatusCode}", (int)response.StatusCode >= 500);
            }

            // The body's own code before the HTTP status: some platforms answer errors with 200.
            if (json.ValueKind == JsonValueKind.Object && errorOf(json) is { } error)
            {
                throw new PlatformException(platform, error, (int)response.StatusCode is >= 500 or 408 or 429);
            }

            return response.IsSuccessStatusCode ? json : throw new PlatformException(platform, $"http-{(int)response.StatusCode}", (int)response.StatusCode is >= 500 or 408 or 429);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException || (exception is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new PlatformException(platform, "unreachable", isTransient: true, exception);
        }
    }

    /// <summary>An id or word that arrives as a string or as a number.</summary>
    public static string? Text(this JsonElement json, string name) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value)
        ? value.ValueKind switch { JsonValueKind.String => value.GetString(), JsonValueKind.Number => value.GetRawText(), _ => null }
        : null;

    public static TimeSpan? Seconds(this JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds) ? TimeSpan.FromSeconds(seconds) : null;
}
