using Platforms.Accounts;
using Platforms.TikTok;

namespace Platforms.TikTokBusiness;

/// <summary>What a creator's own token opens: the creator's numbers, and joining a campaign by its link.</summary>
public static class CreatorCalls
{
    public const string LinkScope = "tto.campaign.link";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/tto/creator/authorized/", Authorized);
        routes.MapPost("/tto/creator/campaign/join/", Join);
    }

    private static IResult Authorized(HttpRequest request, Ledger ledger, MarketplaceBook book, PlatformClock clock)
    {
        if (Refusal(request, request.Query["creator_id"], ledger, book, clock, out var account, out var creator) is { } refusal)
        {
            return refusal;
        }

        var all = new Dictionary<string, object>
        {
            ["handle_name"] = creator.Handle,
            ["display_name"] = account.Name,
            ["followers_count"] = creator.Followers,
            ["following_count"] = account.Following,
            ["likes_count"] = account.Reactions,
            ["videos_count"] = account.Posts,
            ["country_code"] = creator.Country,
        };
        if (!request.Query.ContainsKey("fields"))
        {
            return BusinessAnswer.Ok(all);
        }

        return BusinessApi.List(request, "fields") is { } fields && fields.All(all.ContainsKey)
            ? BusinessAnswer.Ok(fields.Distinct().ToDictionary(field => field, field => all[field]))
            : BusinessAnswer.Refuse(BusinessAnswer.ParameterError, "fields: a JSON array of known names.");
    }

    private static async Task<IResult> Join(HttpRequest request, Ledger ledger, MarketplaceBook book, PlatformClock clock)
    {
        if (await BusinessApi.Body<Joining>(request) is not { } joining)
        {
            return BusinessAnswer.Refuse(BusinessAnswer.ParameterError, "The body is not the JSON this call takes.");
        }

        if (Refusal(request, joining.CreatorId, ledger, book, clock, out _, out var creator) is { } refusal)
        {
            return refusal;
        }

        if (book.Campaigns.FirstOrDefault(each => each.InviteLink == joining.TtoInviteLink) is not { } campaign)
        {
            return BusinessAnswer.Refuse(BusinessAnswer.ParameterError, "tto_invite_link: no campaign has this link.");
        }

        book.Keep(campaign with { Joined = [.. campaign.Joined.Append(creator.Handle).Distinct()] });
        return BusinessAnswer.Ok(new { campaign_id = campaign.Id });
    }

    private static IResult? Refusal(
        HttpRequest request, string? creatorId, Ledger ledger, MarketplaceBook book, PlatformClock clock, out Account account, out MarketplaceCreator creator)
    {
        (account, creator) = (null!, null!);
        var value = BusinessApi.Token(request);
        if (value.Length is 0)
        {
            return BusinessAnswer.Refuse(BusinessAnswer.TokenMissing, "Access token is null, you should set it in http header with key Access-Token.");
        }

        if (ledger.FindToken(value) is not var (owner, token) || owner.Platform != TikTokPlatform.PlatformKey || token.Kind is not TokenKind.Access || token.Death is not null)
        {
            return BusinessAnswer.Refuse(BusinessAnswer.TokenIncorrect, "Access token is incorrect or has been revoked.");
        }

        if (token.HasExpired(clock.GetUtcNow()))
        {
            return BusinessAnswer.Refuse(BusinessAnswer.TokenExpired, "Access token has expired.");
        }

        (account, creator) = (owner, book.Creator(owner.Handle)!);
        return creator switch
        {
            _ when creatorId != owner.Id => BusinessAnswer.Refuse(BusinessAnswer.ParameterError, "creator_id is not the creator this token belongs to."),
            _ when !owner.Allows(LinkScope) => BusinessAnswer.Refuse(BusinessAnswer.NoPermission, "The creator did not grant the scope this call needs."),
            { Membership: not Membership.Joined } => BusinessAnswer.Refuse(BusinessAnswer.NotACreator, "The user is not a TikTok Creator Marketplace creator."),
            _ when !book.Settings.Regions.Contains(creator.Country) => BusinessAnswer.Refuse(BusinessAnswer.OutsideRegions, "The creator is not in a valid region."),
            _ => null,
        };
    }

    private sealed record Joining(string? CreatorId, string? TtoInviteLink);
}
