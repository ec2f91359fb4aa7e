namespace Outreach;

/// <summary>One template filled in for one creator: a letter, or the stable word for what stands in its way.</summary>
public sealed record Composition(Letter? Letter, string? Obstacle)
{
    public static Composition Of(Template template, Contact? contact, string? organization, KnownCampaign campaign, Uri invitation, string expiresOn)
    {
        var values = new Dictionary<string, string?>
        {
            ["creator.name"] = contact?.Name,
            ["creator.firstName"] = contact?.FirstName,
            ["organization.name"] = organization,
            ["campaign.name"] = campaign.Name,
            ["invitation.url"] = invitation.AbsoluteUri,
            ["invitation.expiresOn"] = expiresOn,
        };
        return contact switch
        {
            null => new(null, "unknown-creator"),
            { Email: null or "" } => new(null, "no-email"),
            _ when template.MissingField(values) is not null => new(null, "merge-field-empty"),
            _ => new(template.Write(values), null),
        };
    }
}
