using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace Connections.Platforms.TikTok.Marketplace;

/// <summary>
/// TikTok API for Business: an envelope with a code, HTTP 200 even on error, trailing slashes, lists in a query as JSON. Written against what public
/// clients of it do, so it reads tolerantly: names in either spelling, words it does not know as no answer.
/// </summary>
public sealed class TikTokMarketplace(TikTokBusinessOptions options, PlatformHttp http, TimeProvider clock) : IMarketplace
{
    private const string Name = "TikTok marketplace";
    private const int PageSize = 100;

    private static readonly Dictionary<string, MarketplaceWord> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["IN"] = MarketplaceWord.In,
        ["NOT_IN"] = MarketplaceWord.NotIn,
        ["INVITED"] = MarketplaceWord.Invited,
        ["INVALID"] = MarketplaceWord.HandleUnknown,
    };

    // The platform's words for a refused invitation are not documented; what is not listed here is told as Rejected.
    private static readonly (string Part, string Reason)[] Rejections =
    [
        ("FOLLOWER", MarketplaceReason.TooFewFollowers),
        ("AGE", MarketplaceReason.Underage),
        ("COUNTRY", MarketplaceReason.OutsideRegions),
        ("REGION", MarketplaceReason.OutsideRegions),
        ("HANDLE", MarketplaceReason.HandleUnknown),
    ];

    public int MostHandles => 20;

    public async Task<IReadOnlyDictionary<string, MarketplaceFinding>> StatusOf(IReadOnlyCollection<string> handles, CancellationToken ct)
    {
        var askedAt = clock.GetUtcNow();
        var data = await Get("/tto/tcm/creator/status/get/", ("tto_tcm_account_id", options.TcmAccountId), ("handle_names", JsonSerializer.Serialize(handles)));
        var answers = Items(data, "onboarding_status")
            .Select(item => (Handle: item.Text("handle_name") ?? item.Text("handler_name"), Status: item.Text("status")))
            .Where(item => item is { Handle: not null, Status: not null } && Words.ContainsKey(item.Status))
            .ToLookup(item => item.Handle!, item => item.Status!, StringComparer.OrdinalIgnoreCase);
        return handles.Where(answers.Contains).ToDictionary(handle => handle, handle => MarketplaceFinding.Of(Words[answers[handle].First()], answers[handle].First(), askedAt));

        Task<JsonElement> Get(string path, params (string, string)[] query) => Send(HttpMethod.Get, path, options.AccessToken, query, null, ct);
    }

    public async Task<MarketplaceFinding> Invite(string handle, CancellationToken ct)
    {
        var data = await Post("/tcm/creator/invite/", new { tcm_account_id = options.TcmAccountId, handle_names = new[] { handle } }, ct);

        // An act of ours, so it counts from its answer: a question that was under way beside it may not outdate it.
        var answeredAt = clock.GetUtcNow();

        // One handle was named, so whatever list is not empty speaks of it.
        if (Items(data, "in_tcm").Any())
        {
            return MarketplaceFinding.Of(MarketplaceWord.In, "in_tcm", answeredAt, MarketplaceFinding.FromInvitation);
        }

        if (Items(data, "invited").Any(item => item.ValueKind is not JsonValueKind.False))
        {
            return MarketplaceFinding.Of(MarketplaceWord.Invited, "invited", answeredAt, MarketplaceFinding.FromInvitation);
        }

        var words = data.TryGetProperty("reject_reasons", out var reasons) ? reasons.GetRawText().Replace(handle, "", StringComparison.OrdinalIgnoreCase) : "";
        string[] known = [.. Rejections.Where(each => words.Contains(each.Part, StringComparison.OrdinalIgnoreCase)).Select(each => each.Reason).Distinct()];
        return MarketplaceFinding.Of(MarketplaceWord.Rejected, "rejected", answeredAt, MarketplaceFinding.FromInvitation) with { Reasons = known.Length > 0 ? known : [MarketplaceReason.Rejected] };
    }

    public async Task<PlatformCampaign?> FindCampaign(string name, CancellationToken ct)
    {
        for (var page = 1; ; page++)
        {
            (string, string)[] query = [("tto_tcm_account_id", options.TcmAccountId), ("page", $"{page}"), ("page_size", $"{PageSize}")];
            JsonElement[] campaigns = [.. Items(await Send(HttpMethod.Get, "/tto/tcm/campaign/", options.AccessToken, query, null, ct), "campaigns")];
            if (campaigns.FirstOrDefault(campaign => campaign.Text("campaign_name") == name) is { ValueKind: JsonValueKind.Object } found)
            {
                return Read(found);
            }

            if (campaigns.Length < PageSize)
            {
                return null;
            }
        }
    }

    public async Task<PlatformCampaign> CreateCampaign(string name, string type, IReadOnlyCollection<string> handles, CancellationToken ct) => Read(await Post(
        "/tto/tcm/campaign/create/", new { tto_tcm_account_id = options.TcmAccountId, campaign_name = name, campaign_type = type, handle_names = handles }, ct));

    public async Task<string?> CountryOf(string accountId, string creatorToken, CancellationToken ct) =>
        (await Send(HttpMethod.Get, "/tto/creator/authorized/", creatorToken, [("creator_id", accountId), ("fields", """["country_code"]""")], null, ct)).Text("country_code");

    private static PlatformCampaign Read(JsonElement campaign) =>
        campaign.Text("campaign_id") is { } id && campaign.Text("invite_link") is { } link
            ? new(id, link, Texts(campaign, "country_codes"), Texts(campaign, "failed_handle_names"))
            : throw new MarketplaceException("malformed", MarketplaceTrouble.Transient);

    private static IReadOnlyList<string> Texts(JsonElement json, string name) => [.. Items(json, name).Where(item => item.ValueKind is JsonValueKind.String).Select(item => item.GetString()!)];

    private static IEnumerable<JsonElement> Items(JsonElement json, string name) =>
        json.ValueKind is JsonValueKind.Object && json.TryGetProperty(name, out var list) && list.ValueKind is JsonValueKind.Array ? list.EnumerateArray() : [];

    private Task<JsonElement> Post(string path, object body, CancellationToken ct) => Send(HttpMethod.Post, path, options.AccessToken, [], JsonContent.Create(body), ct);

    private async Task<JsonElement> Send(HttpMethod method, string path, string token, (string Name, string Value)[] query, HttpContent? body, CancellationToken ct)
    {
        var address = QueryHelpers.AddQueryString($"{options.ApiBase!.Root()}{path}", query.Select(pair => KeyValuePair.Create(pair.Name, (string?)pair.Value)));
        using var request = new HttpRequestMessage(method, address) { Content = body };
        request.Headers.Add("Access-Token", token);
        try
        {
            var answer = await Answers.Send(http.Client, Name, request, ErrorOf, ct);
            return answer.TryGetProperty("data", out var data) ? data : throw new MarketplaceException("malformed", MarketplaceTrouble.Transient);
        }
        catch (PlatformException exception)
        {
            throw new MarketplaceException(exception.Code, TroubleOf(exception), exception);
        }
    }

    // 20001 is a success that names what failed.
    private static Observation? ErrorOf(JsonElement json) => json.Text("code") is "0" or "20001" ? null : new(json.Text("code") ?? Observation.Malformed);

    private static MarketplaceTrouble TroubleOf(PlatformException exception) => exception.Code switch
    {
        "40016" or "40100" or "40133" or "51021" => MarketplaceTrouble.Throttled,
        Compatibility.NotACreatorCode => MarketplaceTrouble.NotACreator,
        Compatibility.OutsideRegionsCode => MarketplaceTrouble.OutsideRegions,
        "60001" or "malformed" => MarketplaceTrouble.Transient,
        { Length: 5 } code when code[0] == '5' => MarketplaceTrouble.Transient,
        _ => exception.Seen.IsOutage ? MarketplaceTrouble.Transient : MarketplaceTrouble.Ours,
    };
}
