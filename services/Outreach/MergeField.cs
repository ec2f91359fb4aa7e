namespace Outreach;

/// <summary>A place in a template that is filled in for each recipient, e.g. <c>{{ creator.firstName }}</c>.</summary>
/// <param name="Name">What stands between the braces.</param>
/// <param name="Description">What the reader gets there.</param>
/// <param name="Example">How it may read; used where nobody in particular is written to.</param>
/// <param name="Audiences">The templates that have a value for it.</param>
/// <param name="IsLink">Is it an address that may stand alone in a link?</param>
public sealed record MergeField(string Name, string Description, string Example, IReadOnlyList<Audience> Audiences, bool IsLink = false)
{
    private static readonly Audience[] Everybody = [Audience.YetToOptIn, Audience.HasLostAccess, Audience.MarketplaceInvitee];
    private static readonly Audience[] HubVisitors = [Audience.YetToOptIn, Audience.HasLostAccess];

    /// <summary>Every merge field there is, in the order people see them.</summary>
    public static IReadOnlyList<MergeField> All { get; } =
    [
        new("creator.name", "The creator's full name", "Ana Lima", Everybody),
        new("creator.firstName", "The first word of the creator's name", "Ana", Everybody),
        new("organization.name", "Your organization, as creators read it", "Aurora Cosmetics", Everybody),
        new("campaign.name", "The campaign the message is about", "Summer Glow", Everybody),
        new("invitation.url", "The creator's own link into the Creator Hub", "https://hub.example/i/preview", HubVisitors, IsLink: true),
        new("invitation.expiresOn", "The last day on which that link works", "11 May 2026", HubVisitors),
        new("marketplace.inviteUrl", "The campaign's invite link of TikTok's creator marketplace", "https://www.tiktok.com/", [Audience.MarketplaceInvitee], IsLink: true),
    ];

    /// <summary>The field of that name; null where there is none.</summary>
    public static MergeField? Find(string name) => All.FirstOrDefault(field => field.Name == name);

    /// <summary>The link without which a message to this audience asks for something nobody can do.</summary>
    public static MergeField LinkFor(Audience audience) => All.First(field => field.IsLink && field.Audiences.Contains(audience));

    /// <summary>Values for a message to nobody. <paramref name="invitation"/> is a link that opens nothing.</summary>
    public static Dictionary<string, string?> Examples(Uri invitation) =>
        All.ToDictionary(field => field.Name, field => field.Name == "invitation.url" ? invitation.AbsoluteUri : (string?)field.Example);
}
