using Platforms.Accounts;

namespace Platforms.TikTokBusiness;

/// <summary>The brand's side of authorization: a code of the portal becomes a token without an end.</summary>
public static class BrandTokens
{
    private static readonly TimeSpan CodeLifetime = TimeSpan.FromHours(1);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/oauth2/access_token/", Trade);

    /// <summary>Stands for the portal's page, on which somebody of the brand would press Confirm.</summary>
    public static string NewCode(Codes codes, PlatformClock clock)
    {
        var code = Wire.Secret("");
        codes.Keep(code, new(new(Key, "brand"), "", [], clock.GetUtcNow() + CodeLifetime));
        return code;
    }

    private const string Key = "tiktok-business";

    private static async Task<IResult> Trade(HttpRequest request, BusinessRegistration registration, MarketplaceBook book, Codes codes)
    {
        if (await BusinessApi.Body<Trading>(request) is not { } trading)
        {
            return BusinessAnswer.Refuse(BusinessAnswer.ParameterError, "The body is not the JSON this call takes.");
        }

        if (trading.AppId != registration.AppId || trading.Secret != registration.Secret)
        {
            return BusinessAnswer.Refuse(BusinessAnswer.AppInvalid, "Secret and app_id do not match.");
        }

        if (codes.Take(Key, trading.AuthCode) is null)
        {
            return BusinessAnswer.Refuse(BusinessAnswer.CodeInvalid, "The auth_code is used, expired or unknown. Please re-authorize.");
        }

        var token = Wire.Secret("brd.");
        book.Set(settings => settings with { BrandTokens = [.. settings.BrandTokens, token] });
        return BusinessAnswer.Ok(new { access_token = token, scope = Array.Empty<int>(), advertiser_ids = Array.Empty<string>() });
    }

    private sealed record Trading(string? AppId, string? Secret, string? AuthCode);
}
