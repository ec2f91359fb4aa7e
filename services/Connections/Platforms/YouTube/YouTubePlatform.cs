using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Tokens;

namespace Connections.Platforms.YouTube;

/// <summary>YouTube by way of Google's OAuth 2.0 and OpenID Connect; notices come as security event tokens.</summary>
public sealed class YouTubePlatform : IPlatform
{
    private const string OAuthEvents = "https://schemas.openid.net/secevent/oauth/event-type/";
    private const string RiscEvents = "https://schemas.openid.net/secevent/risc/event-type/";

    // Event type -> what it means for the authorization. What is not listed changes nothing.
    private static readonly Dictionary<string, string> Meanings = new()
    {
        [OAuthEvents + "tokens-revoked"] = InvalidReason.Revoked,
        [RiscEvents + "account-disabled"] = InvalidReason.AccountSuspended,
        [RiscEvents + "account-purged"] = InvalidReason.AccountDeleted,
    };

    // What is no loss yet, but a reason to look: the account was given back, or its owner secured it.
    private static readonly HashSet<string> Doubts =
    [
        RiscEvents + "account-enabled",
        RiscEvents + "sessions-revoked",
        RiscEvents + "account-credential-change-required",
    ];

    private readonly YouTubeOptions options;
    private readonly PlatformHttp http;
    private readonly TimeProvider clock;
    private readonly DiagnosisTable table;
    private readonly JsonWebTokenHandler tokens = new() { MapInboundClaims = false };
    private readonly ConfigurationManager<JsonWebKeySet> keys;

    public YouTubePlatform(YouTubeOptions options, PlatformHttp http, TimeProvider clock)
    {
        (this.options, this.http, this.clock) = (options, http, clock);
        table = YouTubeDiagnosis.Table(options.Testing);
        keys = new(options.RiscJwksUri.ToString(), new KeySetRetriever(), new HttpDocumentRetriever(http.Client) { RequireHttps = !options.RiscJwksUri.IsLoopback });
    }

    public PlatformOptions Options => options;

    public async Task<Grant> Exchange(string code, string redirectUri, string? codeVerifier, CancellationToken ct)
    {
        var issuedAt = clock.GetUtcNow();
        var form = new Dictionary<string, string>
        {
            ["code"] = code,
            ["client_id"] = options.ClientId,
            ["client_secret"] = options.ClientSecret,
            ["redirect_uri"] = redirectUri,
            ["grant_type"] = "authorization_code",
            ["code_verifier"] = codeVerifier ?? "",
        };
        var answer = await Send(new(HttpMethod.Post, new Uri($"{options.TokenBase.Root()}/token")) { Content = new FormUrlEncodedContent(form) }, ct);
        var access = answer.Required("access_token", options.Name);

        // Came straight from the token endpoint over our own connection: the signature adds nothing there (OpenID Connect Core 3.1.3.7).
        var subject = answer.Text("id_token") is { } idToken ? tokens.ReadJsonWebToken(idToken).Subject : null;
        var channel = await Channel(access, ct);
        var channelId = channel?.Text("id");
        var snippet = channel?.GetProperty("snippet");
        return new(
            channelId ?? subject ?? throw new PlatformException(options.Name, new("no-account", Status: 200)),
            [.. new[] { channelId, subject }.OfType<string>().Distinct()],
            new(
                snippet?.Text("customUrl")?.TrimStart('@'),
                snippet?.Text("title"),
                snippet is { } s && s.TryGetProperty("thumbnails", out var thumbnails) && thumbnails.TryGetProperty("default", out var thumbnail) ? thumbnail.Text("url") : null),
            ScopesOf(answer) ?? [],
            new(access, issuedAt + answer.Seconds("expires_in"), answer.Text("refresh_token"), issuedAt + answer.Seconds("refresh_token_expires_in"), issuedAt),
            IsPersonal: false);
    }

    public async Task<Renewal> Refresh(TokenSet tokens, CancellationToken ct)
    {
        if (tokens.RefreshToken is not { Length: > 0 } refresh)
        {
            // Granted without offline access: there is nothing to renew it with, and the creator has to come back.
            throw new PlatformException(options.Name, new("invalid_grant", "no-refresh-token", Status: 400));
        }

        var issuedAt = clock.GetUtcNow();
        var form = new Dictionary<string, string>
        {
            ["client_id"] = options.ClientId,
            ["client_secret"] = options.ClientSecret,
            ["grant_type"] = "refresh_token",
            ["refresh_token"] = refresh,
        };
        var answer = await Send(new(HttpMethod.Post, new Uri($"{options.TokenBase.Root()}/token")) { Content = new FormUrlEncodedContent(form) }, ct);

        // Google sends no refresh token here: the one we have stays good, and so does its end.
        return new(
            new(
                answer.Required("access_token", options.Name),
                issuedAt + answer.Seconds("expires_in"),
                answer.Text("refresh_token") is { Length: > 0 } replaced ? replaced : refresh,
                issuedAt + answer.Seconds("refresh_token_expires_in") ?? tokens.RefreshEndsAt,
                issuedAt),
            ScopesOf(answer));
    }

    // One unit of the daily quota; the Analytics API counts its own.
    public async Task Probe(TokenSet tokens, CancellationToken ct)
    {
        await Send(Get($"{options.DataBase.Root()}/youtube/v3/channels?part=id&mine=true", tokens.AccessToken), ct);
        var day = clock.GetUtcNow().AddDays(-4).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        await Send(Get($"{options.AnalyticsBase.Root()}/v2/reports?ids=channel==MINE&startDate={day}&endDate={day}&metrics=views", tokens.AccessToken), ct);
    }

    public DiagnosisRow Diagnose(Observation seen, TokenFacts facts) => table.Of(seen, facts);

    public async Task Disconnect(TokenSet tokens, CancellationToken ct)
    {
        var form = new Dictionary<string, string> { ["token"] = tokens.RefreshToken ?? tokens.AccessToken };
        try
        {
            await Send(new(HttpMethod.Post, new Uri($"{options.TokenBase.Root()}/revoke")) { Content = new FormUrlEncodedContent(form) }, ct);
        }
        catch (PlatformException exception) when (exception.Code == "invalid_token")
        {
            // Already gone.
        }
    }

    public async ValueTask<NoticeReading> Read(InboundNotice notice, CancellationToken ct)
    {
        var raw = Encoding.ASCII.GetString(notice.Body).Trim();
        var result = await Validate(raw, ct);
        if (!result.IsValid && result.Exception is SecurityTokenSignatureKeyNotFoundException)
        {
            // The sender may have rotated its keys since we last asked.
            keys.RequestRefresh();
            result = await Validate(raw, ct);
        }

        if (!result.IsValid)
        {
            return new NoticeReading.Refused("webhook.forged", "The security event token is not signed by the expected issuer for our client.");
        }

        var token = (JsonWebToken)result.SecurityToken;
        var content = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload)).RootElement;
        if (!content.TryGetProperty("events", out var events) || token.Id is not { Length: > 0 } id)
        {
            return new NoticeReading.Refused("webhook.malformed", "A security event token needs jti and events.");
        }

        foreach (var @event in events.EnumerateObject())
        {
            var code = @event.Name[(@event.Name.LastIndexOf('/') + 1)..];
            var at = token.IssuedAt == default ? notice.ReceivedAt : new DateTimeOffset(token.IssuedAt, TimeSpan.Zero);
            if (Doubts.Contains(@event.Name) && @event.Value.TryGetProperty("subject", out var doubted) && doubted.Text("sub") is { } whose)
            {
                return new NoticeReading.CheckNow(id, whose, code, at);
            }

            if (@event.Name == OAuthEvents + "token-revoked" && @event.Value.TryGetProperty("subject", out var named)
                && named.Text("token_type") == "refresh_token" && named.Text("token_identifier_alg") is { } kind && named.Text("token") is { } name)
            {
                return new NoticeReading.TokenLost(id, kind, name, code, at);
            }

            if (Meanings.TryGetValue(@event.Name, out var reason) && @event.Value.TryGetProperty("subject", out var subject) && subject.Text("sub") is { } account)
            {
                return new NoticeReading.AccessLost(id, account, reason, code, at);
            }
        }

        return new NoticeReading.NotForUs();
    }

    // RFC 8935 2.3 and 2.4: 202 for a token that was taken, 400 with err and description for one that was not.
    public IResult Answer(NoticeReading reading, Uri hub) => reading is NoticeReading.Refused refused
        ? TypedResults.Json(new { err = refused.Code == "webhook.forged" ? "invalid_key" : "invalid_request", description = refused.Detail, code = refused.Code }, statusCode: StatusCodes.Status400BadRequest)
        : TypedResults.StatusCode(StatusCodes.Status202Accepted);

    private async Task<TokenValidationResult> Validate(string token, CancellationToken ct)
    {
        IList<SecurityKey> signingKeys;
        try
        {
            signingKeys = (await keys.GetConfigurationAsync(ct)).GetSigningKeys();
        }
        catch (InvalidOperationException exception)
        {
            throw new PlatformException(options.Name, new(Observation.Unreachable), exception);
        }

        return await tokens.ValidateTokenAsync(token, new()
        {
            ValidIssuer = options.RiscIssuer,
            ValidAudience = options.ClientId,
            IssuerSigningKeys = signingKeys,
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            // A security event is a statement about the past: it carries no expiry, and one is not to be enforced (RFC 8417 2.2).
            ValidateLifetime = false,
        });
    }

    private async Task<JsonElement?> Channel(string access, CancellationToken ct)
    {
        try
        {
            var answer = await Send(Get($"{options.DataBase.Root()}/youtube/v3/channels?part=id,snippet,contentDetails,statistics,status&mine=true", access), ct);
            return answer.TryGetProperty("items", out var items) && items.GetArrayLength() > 0 ? items[0] : null;
        }
        catch (PlatformException exception) when (exception.Code is "youtubeSignupRequired" or "insufficientPermissions" or "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
        {
            // No channel, or not allowed to see it: the granted scopes decide what becomes of that, not this call.
            return null;
        }
    }

    private Task<JsonElement> Send(HttpRequestMessage request, CancellationToken ct) => Answers.Send(http.Client, options.Name, request, ErrorOf, ct);

    private static HttpRequestMessage Get(string url, string access) => new(HttpMethod.Get, new Uri(url)) { Headers = { Authorization = new("Bearer", access) } };

    private static IReadOnlyList<string>? ScopesOf(JsonElement answer) => answer.Text("scope")?.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    // OAuth endpoints answer error as a string, the APIs as an object with reasons.
    internal static Observation? ErrorOf(JsonElement json)
    {
        if (!json.TryGetProperty("error", out var error))
        {
            return null;
        }

        if (error.ValueKind == JsonValueKind.String)
        {
            var deleted = json.Text("error_description")?.Contains("account has been deleted", StringComparison.OrdinalIgnoreCase) is true;
            return new(error.GetString()!, json.Text("error_subtype"), Mark: deleted ? YouTubeDiagnosis.AccountDeleted : null);
        }

        return new(
            error.TryGetProperty("errors", out var errors) && errors.GetArrayLength() > 0 && errors[0].Text("reason") is { } reason ? reason
            : error.Text("status") ?? error.Text("code") ?? Observation.Malformed);
    }

    private sealed class KeySetRetriever : IConfigurationRetriever<JsonWebKeySet>
    {
        public async Task<JsonWebKeySet> GetConfigurationAsync(string address, IDocumentRetriever retriever, CancellationToken cancel) =>
            new(await retriever.GetDocumentAsync(address, cancel));
    }
}
