namespace Outreach;

/// <summary>One template filled in for one creator: a letter, or the stable word for what stands in its way.</summary>
public sealed record Composition(Letter? Letter, string? Obstacle)
{
    public static Composition Of(Template template, Contact? contact, string? organization, KnownCampaign campaign, Uri invitation, string expiresOn,
        Uri? marketplace = null, Uri? image = null)
    {
        var values = new Dictionary<string, string?>
        {
            ["creator.name"] = contact?.Name,
            ["creator.firstName"] = contact?.FirstName,
            ["organization.name"] = organization,
            ["campaign.name"] = campaign.Name,
            ["invitation.url"] = invitation.AbsoluteUri,
            ["invitation.expiresOn"] = expiresOn,
            [MarketplaceLinks.Field] = marketplace?.AbsoluteUri,
        };
        return contact switch
        {
            null => new(null, "unknown-creator"),
            { Email: null or "" } => new(null, "no-email"),
            _ when marketplace is null && template.Fields.Contains(MarketplaceLinks.Field) => new(null, "no-marketplace-link"),
            _ when template.MissingField(values) is not null => new(null, "merge-field-empty"),
            _ => new(OpenTracking.Mark(template.Write(values), image), null),
        };
    }
}
