using Platforms.Accounts;

namespace Platforms.TikTokBusiness;

/// <summary>Campaigns of the brand. Creating one yields the invite link; a post is tied to it by link requests.</summary>
public static class RunCampaigns
{
    private const int PageSize = 100;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/tto/tcm/campaign/create/", Create);
        routes.MapGet("/tto/tcm/campaign/", List);
        routes.MapPost("/tto/tcm/campaign/link/", Link);
        routes.MapGet("/tto/tcm/campaign/link/status/", LinkStatus);
    }

    private static async Task<IResult> Create(HttpRequest request, BusinessRegistration registration, MarketplaceBook book, PlatformClock clock)
    {
        if (await BusinessApi.Body<Plan>(request) is not { CampaignName.Length: > 0, HandleNames.Count: > 0 } plan || plan.CampaignType is not (null or "CAMPAIGN" or "BRAND_LINK"))
        {
            return BusinessAnswer.Refuse(BusinessAnswer.ParameterError, "Missing or wrong: campaign_name, handle_names or campaign_type.");
        }

        if (plan.TtoTcmAccountId != registration.AccountId)
        {
            return NoPermission;
        }

        var settings = book.Settings;
        string[] failed = [.. plan.HandleNames.Where(handle => book.Creator(handle) is not { Exists: true, IsAdult: true } creator || !settings.Regions.Contains(creator.Country))];
        var now = clock.GetUtcNow();
        var campaign = book.Keep(new($"75{Guid.NewGuid().GetHashCode() & 0x7fffffff:D10}{now.Ticks % 10_000_000:D7}", plan.CampaignName, plan.CampaignType ?? "CAMPAIGN", [.. plan.HandleNames.Except(failed)], now)
        {
            FailedHandles = failed,
            CountryCodes = settings.CampaignCountries,
        });
        return BusinessAnswer.Ok(View(campaign));
    }

    private static IResult List(HttpRequest request, BusinessRegistration registration, MarketplaceBook book)
    {
        if (request.Query["tto_tcm_account_id"] != registration.AccountId)
        {
            return NoPermission;
        }

        var (size, page) = (Number(request, "page_size", PageSize), Number(request, "page", 1));
        if (size is < 1 or > PageSize || page < 1)
        {
            return BusinessAnswer.Refuse(BusinessAnswer.ParameterError, $"page starts at 1 and page_size is at most {PageSize}.");
        }

        var ids = request.Query.ContainsKey("campaign_ids") ? BusinessApi.List(request, "campaign_ids") : null;
        var all = book.Campaigns.Where(campaign => ids is null || ids.Contains(campaign.Id)).ToList();
        return BusinessAnswer.Ok(new
        {
            campaigns = all.Skip((page - 1) * size).Take(size).Select(View),
            page_info = new { page, page_size = size, total_number = all.Count, total_page = (all.Count + size - 1) / size },
        });
    }

    private static async Task<IResult> Link(HttpRequest request, BusinessRegistration registration, MarketplaceBook book)
    {
        if (await BusinessApi.Body<Linking>(request) is not { VideoId.Length: > 0, Action: "LINK" or "REVOKE" } linking || book.Campaign(linking.CampaignId) is not { } campaign)
        {
            return BusinessAnswer.Refuse(BusinessAnswer.ParameterError, "Missing or wrong: campaign_id, video_id or action.");
        }

        if (linking.TtoTcmAccountId != registration.AccountId)
        {
            return NoPermission;
        }

        var video = new CampaignVideo(linking.VideoId, linking.Action is "LINK" ? "IN_REVIEW" : "REVOKE");
        book.Keep(campaign with { Videos = [.. campaign.Videos.Where(each => each.Id != video.Id), video] });
        return BusinessAnswer.Ok(new { video_id = video.Id, status = video.Status, number_of_requests = 1, campaign_type = campaign.Type });
    }

    private static IResult LinkStatus(HttpRequest request, BusinessRegistration registration, MarketplaceBook book)
    {
        if (request.Query["tto_tcm_account_id"] != registration.AccountId)
        {
            return NoPermission;
        }

        var ids = request.Query.ContainsKey("campaign_ids") ? BusinessApi.List(request, "campaign_ids") : null;
        return BusinessAnswer.Ok(new
        {
            video_infos = book.Campaigns.Where(campaign => ids is null || ids.Contains(campaign.Id))
                .SelectMany(campaign => campaign.Videos.Select(video => new { video_id = video.Id, status = video.Status, campaign_id = campaign.Id, campaign_type = campaign.Type })),
        });
    }

    private static IResult NoPermission => BusinessAnswer.Refuse(BusinessAnswer.NoPermission, "No permission to operate tto_tcm_account_id.");

    private static int Number(HttpRequest request, string name, int usual) =>
        request.Query[name].ToString() is { Length: > 0 } text ? int.TryParse(text, out var number) ? number : 0 : usual;

    private static object View(BusinessCampaign campaign) => new
    {
        campaign_id = campaign.Id,
        campaign_name = campaign.Name,
        campaign_type = campaign.Type,
        handle_names = campaign.Handles,
        failed_handle_names = campaign.FailedHandles,
        country_codes = campaign.CountryCodes,
        invite_link = campaign.InviteLink,
        video_ids = campaign.Videos.Select(video => video.Id),
        create_time = campaign.CreatedAt.ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture),
    };

    private sealed record Plan(string? TtoTcmAccountId, string? CampaignName, string? CampaignType, IReadOnlyList<string>? HandleNames);

    private sealed record Linking(string? TtoTcmAccountId, string? CampaignId, string? VideoId, string? Action);
}
