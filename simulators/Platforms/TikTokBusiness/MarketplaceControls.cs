using Platforms.Accounts;
using Platforms.Control;
using Platforms.TikTok;
using Platforms.Webhooks;

namespace Platforms.TikTokBusiness;

/// <summary>What a test or an operator does to the marketplace. All under /control/marketplace, JSON in and out.</summary>
public static class MarketplaceControls
{
    public const string WebhookPath = "/webhooks/tiktok-business";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var marketplace = routes.MapGroup("/control/marketplace");
        marketplace.MapGet("", (MarketplaceBook book) => Results.Ok(new { settings = book.Settings with { BrandTokens = [] }, campaigns = book.Campaigns }));
        marketplace.MapPatch("", Set);
        marketplace.MapGet("/calls", (MarketplaceBook book) => Results.Ok(new { items = book.Calls }));
        marketplace.MapGet("/creators/{handle}", Get);
        marketplace.MapPut("/creators/{handle}", Put);
        marketplace.MapPost("/fail", Fail);
        marketplace.MapPost("/auth-codes", (Codes codes, PlatformClock clock) => Results.Ok(new { authCode = BrandTokens.NewCode(codes, clock) }));
        marketplace.MapPost("/video-events", Tell);
    }

    /// <summary>One creator as the marketplace sees them. 422 for what cannot be a handle.</summary>
    private static IResult Get(string handle, MarketplaceBook book, PlatformClock clock) =>
        book.Creator(handle) is { } creator ? Results.Ok(View(creator, book, clock)) : NoHandle;

    /// <summary>
    /// Changes what is named. membership: NotIn, Invited, InviteExpired, Declined, Joined; an invitation counts from invitedAt, or from now.
    /// exists false makes the handle invalid. 422 for what cannot be a handle.
    /// </summary>
    private static IResult Put(string handle, CreatorChange change, MarketplaceBook book, PlatformClock clock)
    {
        if (book.Creator(handle) is not { } creator)
        {
            return NoHandle;
        }

        var changed = book.Change(creator, current => current with
        {
            Followers = change.Followers ?? current.Followers,
            Country = change.Country ?? current.Country,
            IsAdult = change.IsAdult ?? current.IsAdult,
            Exists = change.Exists ?? current.Exists,
            Membership = change.Membership ?? current.Membership,
            InvitedAt = change.InvitedAt ?? (change.Membership is Membership.Invited ? clock.GetUtcNow() : current.InvitedAt),
        });
        return Results.Ok(View(changed, book, clock));
    }

    /// <summary>Changes the settings that are named.</summary>
    private static IResult Set(SettingsChange change, MarketplaceBook book) => Results.Ok(book.Set(current => current with
    {
        LegacyInvited = change.LegacyInvited ?? current.LegacyInvited,
        MinimumFollowers = change.MinimumFollowers ?? current.MinimumFollowers,
        InviteDays = change.InviteDays ?? current.InviteDays,
        Regions = change.Regions ?? current.Regions,
        CampaignCountries = change.CampaignCountries ?? current.CampaignCountries,
    }) with
    { BrandTokens = [] });

    /// <summary>The next calls answer with a return code such as 40100. path: only calls whose path contains it. calls 0 takes the fault away. 422.</summary>
    private static IResult Fail(BusinessFault fault, MarketplaceBook book)
    {
        if (fault.Calls < 0 || (fault.Calls > 0 && fault.Code is < 20000 or > 69999))
        {
            return Problem.Invalid("code", "Return codes have five digits, and calls are not fewer than 0.");
        }

        book.Set(settings => settings with { Fault = fault.Calls > 0 ? fault : null });
        return Results.NoContent();
    }

    /// <summary>Sends the TCM_VIDEOS webhook: event is tto_video_published or tto_video_uploaded. 422 for an unknown campaign or handle.</summary>
    private static IResult Tell(VideoEvent news, MarketplaceBook book, BusinessRegistration registration, DeliveryLog log, PlatformClock clock)
    {
        if (book.Campaign(news.CampaignId) is not { } campaign || book.Creator(news.Handle) is not { } creator || news.VideoId is not { Length: > 0 } video)
        {
            return Problem.Invalid("campaignId", "Name a campaign that was created, a handle and a video.");
        }

        if (news.Event is not (null or "tto_video_published" or "tto_video_uploaded"))
        {
            return Problem.Invalid("event", "The events are tto_video_published and tto_video_uploaded.");
        }

        var now = clock.GetUtcNow();
        var body = Wire.Text(new
        {
            event_type = "tto_campaign_webhook",
            tto_campaign_event_type = news.Event ?? "tto_video_published",
            video_id = video,
            event_time = now.ToUnixTimeSeconds(),
            handle_name = creator.Handle,
            campaign_id = campaign.Id,
            tto_tcm_account_id = registration.AccountId,
        });
        var forge = log.TakeForgery(TikTokPlatform.PlatformKey);
        var headers = new Dictionary<string, string>
        {
            ["tiktok-signature"] = WebhookSignature.Of(body, now, registration.Secret, forge),
            ["webhook-schema-version"] = "1.0",
            ["x-tt-logid"] = LogId.New(),
        };
        var delivery = log.Send(new(TikTokPlatform.PlatformKey, creator.Handle), new("tto_campaign_webhook", WebhookPath, "application/json", body, headers), forge);
        return Results.Ok(new { webhook = delivery.Id });
    }

    private static IResult NoHandle => Problem.Invalid("handle", "A handle has letters, digits, dots, dashes and underscores, at most 60 of them.");

    private static object View(MarketplaceCreator creator, MarketplaceBook book, PlatformClock clock) => new
    {
        creator.Handle,
        creator.Followers,
        creator.Country,
        creator.IsAdult,
        creator.Exists,
        membership = creator.MembershipAt(clock.GetUtcNow(), book.Settings),
        creator.InvitedAt,
        refusal = creator.RefusalUnder(book.Settings),
    };

    private sealed record CreatorChange(long? Followers, string? Country, bool? IsAdult, bool? Exists, Membership? Membership, DateTimeOffset? InvitedAt);

    private sealed record SettingsChange(bool? LegacyInvited, long? MinimumFollowers, int? InviteDays, IReadOnlyList<string>? Regions, IReadOnlyList<string>? CampaignCountries);

    private sealed record VideoEvent(string? Handle, string? CampaignId, string? VideoId, string? Event);
}
