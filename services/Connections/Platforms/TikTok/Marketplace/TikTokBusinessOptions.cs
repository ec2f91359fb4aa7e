using System.ComponentModel.DataAnnotations;

namespace Connections.Platforms.TikTok.Marketplace;

/// <summary>Our brand's application at TikTok API for Business. Section <c>Platforms:TikTokBusiness</c>; without it there is no marketplace, and nothing is asked.</summary>
public sealed class TikTokBusinessOptions : IValidatableObject
{
    public const string Section = "Platforms:TikTokBusiness";

    /// <summary>Address of the API up to and including its version, such as <c>https://business-api.tiktok.com/open_api/v1.3</c>.</summary>
    public Uri? ApiBase { get; set; }

    public string AppId { get; set; } = "";

    /// <summary>Secret of the application. Signs its webhooks.</summary>
    public string Secret { get; set; } = "";

    /// <summary>The brand's access token. It has no end of its own.</summary>
    public string AccessToken { get; set; } = "";

    /// <summary>The marketplace account that the token opens.</summary>
    public string TcmAccountId { get; set; } = "";

    /// <summary>How long an invitation stays open. The platform names no end.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan InviteLifetime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>After how long a refused invitation is worth another try.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan RejectionLifetime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How often each creator's standing is asked for.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "30.00:00:00")]
    public TimeSpan CheckEvery { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How often while an invitation is open: it may be answered any moment.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "30.00:00:00")]
    public TimeSpan CheckInvitedEvery { get; set; } = TimeSpan.FromHours(6);

    /// <summary>How often to look for creators whose check is due.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan LookEvery { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Is there a marketplace to ask?</summary>
    public bool IsConfigured => ApiBase is not null;

    public MarketplaceTerms Terms => new(InviteLifetime, RejectionLifetime);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (name, value) in ((string, string)[])[(nameof(AppId), AppId), (nameof(Secret), Secret), (nameof(AccessToken), AccessToken), (nameof(TcmAccountId), TcmAccountId)])
        {
            if (IsConfigured != value.Length > 0)
            {
                yield return new($"{Section}: give ApiBase, AppId, Secret, AccessToken and TcmAccountId, or none of them.", [name]);
            }
        }
    }
}
