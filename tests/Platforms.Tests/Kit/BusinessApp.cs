using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Platforms.Tests.Kit;

/// <summary>Our brand's application at TikTok API for Business.</summary>
public sealed class BusinessApp(Simulator simulator)
{
    public const string Root = "/tiktok/business/open_api/v1.3";
    public const string Account = "7300000000000000001";
    public const string BrandToken = "tt-brand-token";
    public const string Secret = "tt-business-secret";

    public Task<Answer> Get(string path, string? token = BrandToken) => Send(new(HttpMethod.Get, Root + path), token);

    public Task<Answer> Post(string path, object body, string? token = BrandToken) => Send(new(HttpMethod.Post, Root + path) { Content = JsonContent.Create(body) }, token);

    public Task<Answer> Status(params string[] handles) =>
        Get($"/tto/tcm/creator/status/get/?tto_tcm_account_id={Account}&handle_names={Uri.EscapeDataString(JsonSerializer.Serialize(handles))}");

    /// <summary>The one word the status call has for a creator.</summary>
    public async Task<string?> WordFor(string handle) =>
        (await Status(handle)).Data().GetProperty("onboarding_status").EnumerateArray().Single().GetProperty("status").GetString();

    public Task<Answer> Invite(params string[] handles) => Post("/tcm/creator/invite/", new { tcm_account_id = Account, handle_names = handles });

    public Task<Answer> Create(string name, params string[] handles) =>
        Post("/tto/tcm/campaign/create/", new { tto_tcm_account_id = Account, campaign_name = name, campaign_type = "CAMPAIGN", handle_names = handles });

    public async Task Control(string handle, object change) =>
        (await simulator.Put($"/control/marketplace/creators/{handle}", change)).Status.ShouldBe(HttpStatusCode.OK);

    private async Task<Answer> Send(HttpRequestMessage request, string? token)
    {
        if (token is not null)
        {
            request.Headers.Add("Access-Token", token);
        }

        var response = await simulator.Http.SendAsync(request);
        var isJson = response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) is true;
        return new(response.StatusCode, isJson ? await response.Content.ReadFromJsonAsync<JsonElement>() : default, response);
    }
}

internal static class BusinessAnswers
{
    public static int Code(this Answer answer)
    {
        // The API answers errors with 200; anything else never reached it.
        answer.Status.ShouldBe(HttpStatusCode.OK);
        answer.Text("request_id").ShouldNotBeNullOrWhiteSpace();
        return answer.Body.GetProperty("code").GetInt32();
    }

    public static JsonElement Data(this Answer answer)
    {
        answer.Code().ShouldBe(0, answer.Text("message"));
        return answer.Body.GetProperty("data");
    }

    public static string?[] Words(this JsonElement data, string name) => [.. data.GetProperty(name).EnumerateArray().Select(word => word.GetString())];
}
