using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EventSourcing;
using Microsoft.AspNetCore.WebUtilities;

namespace Connections.Platforms.Instagram;

/// <summary>Instagram API with Instagram Login: code to short-lived token to long-lived token, then whose account it is.</summary>
public sealed class InstagramPlatform(InstagramOptions options, PlatformHttp http, TimeProvider clock) : IPlatform
{
    public PlatformOptions Options => options;

    public async Task<Grant> Exchange(string code, string redirectUri, string? codeVerifier, CancellationToken ct)
    {
        // Some servers append "#_" to the code; it is no part of it.
        code = code.EndsWith("#_", StringComparison.Ordinal) ? code[..^2] : code;
        var form = new Dictionary<string, string>
        {
            ["client_id"] = options.ClientId,
            ["client_secret"] = options.ClientSecret,
            ["grant_type"] = "authorization_code",
            ["redirect_uri"] = redirectUri,
            ["code"] = code,
        };
        var answer = await Send(new(HttpMethod.Post, new Uri($"{options.TokenBase.Root()}/oauth/access_token")) { Content = new FormUrlEncodedContent(form) }, ct);

        // Documented as {"data":[{...}]}, seen flat in life.
        var brief = answer.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Array && data.GetArrayLength() > 0 ? data[0] : answer;
        var shortLived = brief.Required("access_token", options.Name);
        var scopedId = brief.Text("user_id");

        var issuedAt = clock.GetUtcNow();
        var longLived = await Send(
            new(HttpMethod.Get, new Uri(QueryHelpers.AddQueryString($"{options.GraphBase.Root()}/access_token", new Dictionary<string, string?>
            {
                ["grant_type"] = "ig_exchange_token",
                ["client_secret"] = options.ClientSecret,
                ["access_token"] = shortLived,
            }))),
            ct);
        var token = longLived.Required("access_token", options.Name);
        var endsAt = issuedAt + longLived.Seconds("expires_in");

        var me = await Profile(token, ct);
        var professionalId = me.Text("user_id");
        var appScopedId = me.Text("id") ?? scopedId ?? throw new PlatformException(options.Name, new(Observation.Malformed, Status: 200));
        return new(
            appScopedId,
            [.. new[] { appScopedId, scopedId, professionalId }.OfType<string>().Distinct()],
            new(me.Text("username"), me.Text("name"), me.Text("profile_picture_url")),
            Permissions(brief),
            new(token, endsAt, RefreshToken: null, RefreshEndsAt: endsAt, issuedAt),
            IsPersonal: string.Equals(me.Text("account_type"), "personal", StringComparison.OrdinalIgnoreCase));
    }

    public async Task<Renewal> Refresh(TokenSet tokens, CancellationToken ct)
    {
        var issuedAt = clock.GetUtcNow();
        var answer = await Send(Get("refresh_access_token?grant_type=ig_refresh_token", tokens.AccessToken), ct);
        var endsAt = issuedAt + answer.Seconds("expires_in");
        return new(
            new(answer.Required("access_token", options.Name), endsAt, RefreshToken: null, RefreshEndsAt: endsAt, issuedAt),
            answer.TryGetProperty("permissions", out _) ? Permissions(answer) : null);
    }

    // Two calls, since each of the two scopes can be missing by itself.
    public async Task Probe(TokenSet tokens, CancellationToken ct)
    {
        var me = Unwrapped(await Send(Get($"{options.GraphVersion}/me?fields=id,user_id", tokens.AccessToken), ct));
        var id = me.Text("user_id") ?? me.Required("id", options.Name);
        await Send(Get($"{options.GraphVersion}/{id}/insights?metric=reach&period=day&metric_type=total_value", tokens.AccessToken), ct);
    }

    public DiagnosisRow Diagnose(Observation seen, TokenFacts facts) => InstagramDiagnosis.Table.Of(seen, facts);

    // The platform documents no way to revoke such a token. Our copy goes; the Hub tells the creator where to remove the app.
    public Task Disconnect(TokenSet tokens, CancellationToken ct) => Task.CompletedTask;

    public IResult? ConfirmAddress(IQueryCollection query) =>
        options.VerifyToken.Length > 0
        && query["hub.mode"] == "subscribe"
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(query["hub.verify_token"].ToString()), Encoding.UTF8.GetBytes(options.VerifyToken))
            ? TypedResults.Text(query["hub.challenge"].ToString(), "text/plain")
            : Problems.Of(StatusCodes.Status403Forbidden, "webhook.not-confirmed", "The verify token is not the one of this installation: set Platforms:Instagram:VerifyToken to what is entered at Meta.");

    public async ValueTask<NoticeReading> Read(InboundNotice notice, CancellationToken ct)
    {
        await Task.CompletedTask;
        if (notice.Kind.Length == 0)
        {
            return IsHubSigned(notice) ? new NoticeReading.NotForUs() : new NoticeReading.Refused("webhook.forged", "The X-Hub-Signature-256 header does not match the body.");
        }

        var signed = QueryHelpers.ParseQuery(Encoding.UTF8.GetString(notice.Body)).TryGetValue("signed_request", out var values) && values.Count == 1 ? values[0] : null;
        if (signed?.Split('.') is not [{ Length: > 0 } signature, { Length: > 0 } payload])
        {
            return new NoticeReading.Refused("webhook.malformed", "The body must be a form with one field signed_request.");
        }

        JsonElement content;
        try
        {
            var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(options.ClientSecret), Encoding.ASCII.GetBytes(payload));
            if (!CryptographicOperations.FixedTimeEquals(expected, WebEncoders.Base64UrlDecode(signature)))
            {
                return new NoticeReading.Refused("webhook.forged", "The signature does not match.");
            }

            content = JsonDocument.Parse(WebEncoders.Base64UrlDecode(payload)).RootElement;
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return new NoticeReading.Refused("webhook.malformed", "The signed_request cannot be decoded.");
        }

        if (!string.Equals(content.Text("algorithm"), "HMAC-SHA256", StringComparison.OrdinalIgnoreCase))
        {
            return new NoticeReading.Refused("webhook.forged", "Only HMAC-SHA256 is accepted.");
        }

        if (content.Text("user_id") is not { } user)
        {
            return new NoticeReading.Refused("webhook.malformed", "The signed_request names no user.");
        }

        var at = content.Seconds("issued_at") is { } issued ? DateTimeOffset.UnixEpoch + issued : notice.ReceivedAt;
        return new NoticeReading.AccessLost(
            Convert.ToHexString(SHA256.HashData(notice.Body)),
            user,
            notice.Kind == "data-deletion" ? InvalidReason.DataDeletionRequested : InvalidReason.Revoked,
            notice.Kind,
            at);
    }

    // Comments, mentions and the like. None of them says that an authorization ended.
    private bool IsHubSigned(InboundNotice notice)
    {
        var expected = "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(options.ClientSecret), notice.Body));
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), Encoding.ASCII.GetBytes(notice.Header("X-Hub-Signature-256") ?? ""));
    }

    // Meta shows the person the address and the code of a data deletion, so that they can look up what became of it.
    public IResult Answer(NoticeReading reading, Uri hub) => reading is NoticeReading.AccessLost { Reason: InvalidReason.DataDeletionRequested } lost
        ? TypedResults.Json(new { url = new Uri(hub, $"/hub/deletions/{lost.ConfirmationCode}").ToString(), confirmation_code = lost.ConfirmationCode })
        : Answers.Plain(reading);

    private async Task<JsonElement> Profile(string token, CancellationToken ct) => Unwrapped(await Send(
        Get($"{options.GraphVersion}/me?fields=id,user_id,username,name,account_type,profile_picture_url,followers_count", token), ct));

    // The token in the header and not in the query, so that no proxy's log holds it.
    private HttpRequestMessage Get(string path, string token) => new(HttpMethod.Get, new Uri($"{options.GraphBase.Root()}/{path}")) { Headers = { Authorization = new("Bearer", token) } };

    internal static JsonElement Unwrapped(JsonElement answer) =>
        answer.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Array && data.GetArrayLength() > 0 ? data[0] : answer;

    private static IReadOnlyList<string> Permissions(JsonElement token) => token.TryGetProperty("permissions", out var permissions)
        ? permissions.ValueKind == JsonValueKind.Array
            ? [.. permissions.EnumerateArray().Select(permission => permission.GetString()!)]
            : permissions.GetString()?.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? []
        : [];

    private Task<JsonElement> Send(HttpRequestMessage request, CancellationToken ct) => Answers.Send(http.Client, options.Name, request, ErrorOf, ct);

    // Two shapes: the token endpoint's flat error_type/code, and the Graph API's error object.
    internal static Observation? ErrorOf(JsonElement json)
    {
        if (!json.TryGetProperty("error", out var error) || error.ValueKind != JsonValueKind.Object)
        {
            return json.Text("error_type") is { } type ? new(type, json.Text("code")) : null;
        }

        var message = error.Text("message") ?? "";
        var mark = error.Text("type") == "IGApiException" ? InstagramDiagnosis.ApiException
            : message.Contains("Not enough viewers", StringComparison.OrdinalIgnoreCase) ? InstagramDiagnosis.NotEnoughViewers
            : null;
        return new(error.Text("code") ?? Observation.Malformed, error.Text("error_subcode"), Mark: mark);
    }
}
