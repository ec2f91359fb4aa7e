using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using EventSourcing;

namespace Outreach;

/// <summary>What a caller asks for, the same for a preview and for the real thing.</summary>
public sealed record OutreachRequest(Guid CampaignId, string Template, IReadOnlyList<Guid> CreatorIds)
{
    public const int MaxRecipients = 1000;

    /// <summary>Naming a creator twice is no reason to write twice.</summary>
    [JsonIgnore]
    public IEnumerable<Guid> Creators => CreatorIds.Distinct();

    /// <summary>Equal for equal requests; tells a repeated request from another one under the same key.</summary>
    public string Fingerprint()
    {
        var text = $"{CampaignId:N}|{Template}|{string.Join(',', Creators.Select(id => id.ToString("N")))}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>Why nothing can be sent at all; null when each recipient can be looked at.</summary>
    public Decision? Objection(KnownCampaign? campaign) => Outreach.Template.Find(Template) switch
    {
        null => Decision.Invalid("template", "template.unknown", "There is no template with this key. GET /v1/templates lists them."),
        _ when CreatorIds.Count == 0 => Decision.Invalid("creatorIds", "recipients.none", "Name at least one creator to write to."),
        _ when CreatorIds.Count > MaxRecipients => Decision.Invalid("creatorIds", "recipients.too-many",
            $"Name at most {MaxRecipients} creators at a time; send the others with a second outreach."),
        _ when campaign is null => Decision.Unknown("campaign.unknown",
            "There is no campaign with this id. One that was created a moment ago becomes known here within seconds: try again."),
        _ => null,
    };
}
