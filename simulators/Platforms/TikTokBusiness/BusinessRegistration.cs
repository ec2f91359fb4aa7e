namespace Platforms.TikTokBusiness;

/// <summary>Our brand's application at TikTok API for Business, and the marketplace account that its token opens.</summary>
public sealed class BusinessRegistration(IConfiguration configuration)
{
    public string AppId { get; } = configuration["Platforms:TikTokBusiness:AppId"] ?? "tt-business-app";

    public string Secret { get; } = configuration["Platforms:TikTokBusiness:Secret"] ?? "tt-business-secret";

    /// <summary>A brand token without an end, as if somebody had authorized the application long ago.</summary>
    public string AccessToken { get; } = configuration["Platforms:TikTokBusiness:AccessToken"] ?? "tt-brand-token";

    public string AccountId { get; } = configuration["Platforms:TikTokBusiness:TcmAccountId"] ?? "7300000000000000001";
}
