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

    private readonly YouTubeOptions options;
    private readonly PlatformHttp http;
    private readonly TimeProvider clock;
    private readonly JsonWebTokenHandler tokens = new() { MapInboundClaims = false };
    private readonly ConfigurationManager<JsonWebKeySet> keys;

    public YouTubePlatform(YouTubeOptions options, PlatformHttp http, TimeProvider clock)
    {
        (this.options, this.http, this.clock) = (options, http, clock);
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
        var answer = await Send(new(HttpMethod.Post, new Uri($"{options.TokenBase}/token")) { Content = new FormUrlEncodedContent(form) }, ct);
        var access = answer.Text("access_token") ?? throw new PlatformException(options.Name, "malformed", isTransient: false);

        // Came straight from the token endpoint over our own connection: the signature adds nothing there (OpenID Connect Core 3.1.3.7).
        var subject = answer.Text("id_token") is { } idToken ? tokens.ReadJsonWebToken(idToken).Subject : null;
        var channel = await Channel(access, ct);
        var channelId = channel?.Text("id");
        var snippet = channel?.GetProperty("snippet");
        return new(
            channelId ?? subject ?? throw new PlatformException(options.Name, "no-account", isTransient: false),
            [.. new[] { channelId, subject }.OfType<string>().Distinct()],
            new(
                snippet?.Text("customUrl")?.TrimStart('@'),
                snippet?.Text("title"),
                snippet is { } s && s.TryGetProperty("thumbnails", out var thumbnails) && thumbnails.TryGetProperty("default", out var thumbnail) ? thumbnail.Text("url") : null),
            [.. (answer.Text("scope") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)],
            new(access, issuedAt + answer.Seconds("expires_in"), answer.Text("refresh_token"), issuedAt + answer.Seconds("refresh_token_expires_in"), issuedAt),
            IsPersonal: false);
    }

    public async Task Disconnect(TokenSet tokens, CancellationToken ct)
    {
        var form = new Dictionary<string, string> { ["token"] = tokens.RefreshToken ?? tokens.AccessToken };
        try
        {
            await Send(new(HttpMethod.Post, new Uri($"{options.TokenBase}/revoke")) { Content = new FormUrlEncodedContent(form) }, ct);
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
            if (Meanings.TryGetValue(@event.Name, out var reason) && @event.Value.TryGetProperty("subject", out var subject) && subject.Text("sub") is { } account)
            {
                return new NoticeReading.AccessLost(id, account, reason, @event.Name[(@event.Name.LastIndexOf('/') + 1)..], token.IssuedAt == default ? notice.ReceivedAt : new(token.IssuedAt, TimeSpan.Zero));
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
            throw new PlatformException(options.Name, "keys-unreachable", isTransient: true, exception);
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
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{options.DataBase}/youtube/v3/channels?part=id,snippet,contentDetails,statistics,status&mine=true"))
        {
            Headers = { Authorization = new("Bearer", access) },
        };
        try
        {
            var answer = await Send(request, ct);
            return answer.TryGetProperty("items", out var items) && items.GetArrayLength() > 0 ? items[0] : null;
        }
        catch (PlatformException exception) when (exception.Code is "youtubeSignupRequired" or "insufficientPermissions" or "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
        {
            // No channel, or not allowed to see it: the granted scopes decide what becomes of that, not this call.
            return null;
        }
    }

    private Task<JsonElement> Send(HttpRequestMessage request, CancellationToken ct) => Answers.Send(http.Client, options.Name, request, ErrorOf, ct);

    // OAuth endpoints answer error as a string, the APIs as an object with reasons.
    private static string? ErrorOf(JsonElement json) => !json.TryGetProperty("error", out var error) ? null
        : error.ValueKind == JsonValueKind.String ? error.GetString()
        : error.TryGetProperty("errors", out var errors) && errors.GetArrayLength() > 0 ? errors[0].Text("reason")
        : error.Text("status") ?? error.Text("code");

    private sealed class KeySetRetriever : IConfigurationRetriever<JsonWebKeySet>
    {
        public async Task<JsonWebKeySet> GetConfigurationAsync(string address, IDocumentRetriever retriever, CancellationToken cancel) =>
            new(await retriever.GetDocumentAsync(address, cancel));
    }
}
