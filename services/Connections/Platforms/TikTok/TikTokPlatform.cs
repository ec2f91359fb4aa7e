using System.Security.Cryptography;
using System.Text.Json;

namespace Connections.Platforms.TikTok;

/// <summary>TikTok Login Kit v2: tokens that rotate, an envelope that says "ok", and signed webhooks.</summary>
public sealed class TikTokPlatform(TikTokOptions options, PlatformHttp http, TimeProvider clock) : IPlatform
{
    // The platform's numbers for why an authorization was removed.
    private static readonly Dictionary<int, string> RemovalReasons = new()
    {
        [0] = InvalidReason.Revoked,
        [1] = InvalidReason.Revoked,
        [2] = InvalidReason.AccountDeleted,
        [3] = InvalidReason.Revoked,
        [4] = InvalidReason.AccountSuspended,
        [5] = InvalidReason.Revoked,
    };

    public PlatformOptions Options => options;

    public async Task<Grant> Exchange(string code, string redirectUri, string? codeVerifier, CancellationToken ct)
    {
        var (answer, tokens) = await Token(
            new()
            {
                ["code"] = code,
                ["grant_type"] = "authorization_code",
                ["redirect_uri"] = redirectUri,
            },
            ct);
        var openId = answer.Required("open_id", options.Name);
        var scopes = ScopesOf(answer) ?? [];
        return new(openId, [openId], await Profile(tokens.AccessToken, scopes, ct), scopes, tokens, IsPersonal: false);
    }

    public async Task<Renewal> Refresh(TokenSet tokens, CancellationToken ct)
    {
        var (answer, renewed) = await Token(new() { ["grant_type"] = "refresh_token", ["refresh_token"] = tokens.RefreshToken ?? "" }, ct);

        // By the older terms the refresh token may come back as it was, or not at all; what is missing is kept.
        return new(
            renewed with { RefreshToken = renewed.RefreshToken ?? tokens.RefreshToken, RefreshEndsAt = renewed.RefreshEndsAt ?? tokens.RefreshEndsAt },
            ScopesOf(answer));
    }

    public async Task Probe(TokenSet tokens, CancellationToken ct)
    {
        await Send(WithToken(new(HttpMethod.Get, new Uri($"{options.ApiBase.Root()}/v2/user/info/?fields=open_id,follower_count")), tokens.AccessToken), ct);
        await Send(WithToken(new(HttpMethod.Post, new Uri($"{options.ApiBase.Root()}/v2/video/list/?fields=id")) { Content = JsonContent.Create(new { max_count = 1 }) }, tokens.AccessToken), ct);
    }

    public DiagnosisRow Diagnose(Observation seen, TokenFacts facts) => TikTokDiagnosis.Table.Of(seen, facts);

    public async Task Disconnect(TokenSet tokens, CancellationToken ct)
    {
        var form = new Dictionary<string, string> { ["client_key"] = options.ClientKey, ["client_secret"] = options.ClientSecret, ["token"] = tokens.AccessToken };
        try
        {
            await Send(new(HttpMethod.Post, new Uri($"{options.ApiBase.Root()}/v2/oauth/revoke/")) { Content = new FormUrlEncodedContent(form) }, ct);
        }
        catch (PlatformException exception) when (exception.Code is "invalid_grant" or "access_token_invalid")
        {
            // Already gone.
        }
    }

    public async ValueTask<NoticeReading> Read(InboundNotice notice, CancellationToken ct)
    {
        await Task.CompletedTask;
        if (!IsSigned(notice))
        {
            return new NoticeReading.Refused("webhook.forged", "The TikTok-Signature header does not match the body.");
        }

        try
        {
            var content = JsonDocument.Parse(notice.Body).RootElement;
            if (content.Text("client_key") != options.ClientKey)
            {
                return new NoticeReading.Refused("webhook.forged", "The notice is for another app.");
            }

            if (content.Text("event") != "authorization.removed")
            {
                return new NoticeReading.NotForUs();
            }

            // "content" is a string that holds JSON.
            var reason = JsonDocument.Parse(content.Text("content") ?? "{}").RootElement.Seconds("reason") is { } number ? (int)number.TotalSeconds : 0;
            return content.Text("user_openid") is { } account && content.Seconds("create_time") is { } created
                ? new NoticeReading.AccessLost(
                    Convert.ToHexString(SHA256.HashData(notice.Body)),
                    account,
                    RemovalReasons.GetValueOrDefault(reason, InvalidReason.Revoked),
                    $"authorization.removed/{reason}",
                    DateTimeOffset.UnixEpoch + created)
                : new NoticeReading.Refused("webhook.malformed", "authorization.removed needs user_openid and create_time.");
        }
        catch (JsonException)
        {
            return new NoticeReading.Refused("webhook.malformed", "The body is not the JSON the event promises.");
        }
    }

    public IResult Answer(NoticeReading reading, Uri hub) => Answers.Plain(reading);

    private bool IsSigned(InboundNotice notice) => TikTokSignature.Matches(notice.Header(TikTokSignature.Header), notice.Body, options.ClientSecret);

    private async Task<(JsonElement Answer, TokenSet Tokens)> Token(Dictionary<string, string> form, CancellationToken ct)
    {
        var issuedAt = clock.GetUtcNow();
        form["client_key"] = options.ClientKey;
        form["client_secret"] = options.ClientSecret;
        var answer = await Send(new(HttpMethod.Post, new Uri($"{options.ApiBase.Root()}/v2/oauth/token/")) { Content = new FormUrlEncodedContent(form) }, ct);
        return (answer, new(
            answer.Required("access_token", options.Name),
            issuedAt + answer.Seconds("expires_in"),
            answer.Text("refresh_token") is { Length: > 0 } refresh ? refresh : null,
            issuedAt + answer.Seconds("refresh_expires_in"),
            issuedAt));
    }

    private static string[]? ScopesOf(JsonElement answer) => answer.Text("scope")?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static HttpRequestMessage WithToken(HttpRequestMessage request, string access)
    {
        request.Headers.Authorization = new("Bearer", access);
        return request;
    }

    private async Task<AccountProfile> Profile(string access, string[] scopes, CancellationToken ct)
    {
        // Asking for a field whose scope is missing fails the whole call.
        var fields = scopes.Contains("user.info.profile") ? "open_id,display_name,avatar_url,username" : "open_id,display_name,avatar_url";
        var request = WithToken(new(HttpMethod.Get, new Uri($"{options.ApiBase.Root()}/v2/user/info/?fields={fields}")), access);
        try
        {
            var user = (await Send(request, ct)).GetProperty("data").GetProperty("user");
            return new(user.Text("username"), user.Text("display_name"), user.Text("avatar_url"));
        }
        catch (PlatformException exception) when (exception.Code is "scope_not_authorized" or "scope_permission_missed")
        {
            return new(null, null, null);
        }
    }

    private Task<JsonElement> Send(HttpRequestMessage request, CancellationToken ct) => Answers.Send(http.Client, options.Name, request, ErrorOf, ct);

    // OAuth endpoints answer a flat error, the API an envelope whose error.code is "ok" when all is well.
    internal static Observation? ErrorOf(JsonElement json) => !json.TryGetProperty("error", out var error) ? null
        : error.ValueKind == JsonValueKind.String ? new(error.GetString()!)
        : error.Text("code") is { } code && code != "ok" ? new(code) : null;
}
