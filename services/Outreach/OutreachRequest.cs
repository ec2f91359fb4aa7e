using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using EventSourcing;

namespace Outreach;

/// <summary>What a caller asks for, the same for a preview and for the real thing.</summary>
/// <param name="CampaignId">What for.</param>
/// <param name="Template">The template's key.</param>
/// <param name="CreatorIds">Whom to write to, one by one: up to 100,000. Or <paramref name="Filter"/>.</param>
/// <param name="Filter">Whom to write to, by the query of <c>GET /v1/campaigns/{id}/creators</c>: <c>type=YouTubeInsights&amp;status=NotConnected</c>; empty for everybody.</param>
/// <param name="SendAt">Send nothing before (UTC, at most a year ahead).</param>
/// <param name="FollowUp">Ask again those who have not answered: <c>{"afterDays":3,"times":2}</c>.</param>
/// <param name="Message">The template's words changed for this send alone; what is left out stays as it is.</param>
public sealed record OutreachRequest(
    Guid CampaignId, string Template, IReadOnlyList<Guid>? CreatorIds = null, string? Filter = null, DateTimeOffset? SendAt = null, FollowUpPlan? FollowUp = null,
    MessageEdit? Message = null)
{
    public const int MaxRecipients = 100_000;

    /// <summary>In bytes: that many ids, and the rest.</summary>
    public const int MaxBody = 8 * 1024 * 1024;

    private static readonly TimeSpan Farthest = TimeSpan.FromDays(366);

    /// <summary>Naming a creator twice is no reason to write twice.</summary>
    [JsonIgnore]
    public IReadOnlyList<Guid> Creators => [.. (CreatorIds ?? []).Distinct()];

    /// <summary>Equal for equal requests; tells a repeated request from another one under the same key.</summary>
    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{CampaignId:N}|{Template}|{Filter}|{SendAt:O}|{FollowUp}|{Message}|"));
        hash.AppendData(MemoryMarshal.AsBytes(Creators.ToArray().AsSpan()));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Why nothing can be sent at all; null when each recipient can be looked at.</summary>
    public Decision? Objection(KnownCampaign? campaign, ShelvedTemplate? template, DateTimeOffset now) => template switch
    {
        null => Decision.Invalid("template", "template.unknown", "There is no template with this key. GET /v1/templates lists them."),
        { IsArchived: true } => TemplateProblems.Archived,
        _ when CreatorIds is not null && Filter is not null => Decision.Invalid("filter", "recipients.ambiguous", "Name creators one by one, or by a filter, and not both."),
        _ when Filter is null && Creators.Count == 0 => Decision.Invalid("creatorIds", "recipients.none", "Name at least one creator to write to, or a filter."),
        _ when Creators.Count > MaxRecipients => Decision.Invalid("creatorIds", "recipients.too-many",
            $"Name at most {MaxRecipients} creators at a time; send the others with a second outreach."),
        _ when SendAt > now + Farthest => Decision.Invalid("sendAt", "send-at.too-far", "Schedule an outreach for a time within a year."),
        _ when FollowUp is { AfterDays: < 1 or > 60 } or { Times: < 1 or > 10 } => Decision.Invalid("followUp", "follow-up.invalid", "Follow up after 1 to 60 days, 1 to 10 times."),
        _ when campaign is null => Decision.Unknown("campaign.unknown",
            "There is no campaign with this id. One that was created a moment ago becomes known here within seconds: try again."),
        _ => null,
    };
}
