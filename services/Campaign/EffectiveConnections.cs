namespace Campaigns;

/// <summary>How one switch stands in the end, and why.</summary>
/// <param name="On">Does it count?</param>
/// <param name="Source">Who decided: <c>default</c>, <c>organization</c> or <c>campaign</c>.</param>
/// <param name="Explanation">The same as a sentence for people.</param>
/// <param name="Set">What was set in the very place that is looked at; null where it inherits.</param>
public sealed record EffectiveSwitch(bool On, string Source, string Explanation, bool? Set);

/// <summary>A connection type's switch. While the whole component is off no type is on, whatever is set.</summary>
public sealed record EffectiveType(string Type, string Platform, bool On, string Source, string Explanation, bool? Set);

/// <summary>
/// What is on and what is off: a campaign's own switch decides, else the organization's, else it is on. <paramref name="Shown"/> are the types a
/// campaign requires and that are on, in the order of the columns; of an organization all that are on.
/// </summary>
public sealed record EffectiveConnections(EffectiveSwitch Component, IReadOnlyList<EffectiveType> Types, IReadOnlyList<string> Shown)
{
    /// <summary>As one campaign sees it.</summary>
    public static EffectiveConnections Of(Campaign campaign, SwitchRow? organization, SwitchRow? campaignOverride) =>
        Of(organization, campaignOverride, ofCampaign: true, campaign.RequiredConnections);

    /// <summary>As campaigns that set nothing of their own see it.</summary>
    public static EffectiveConnections OfOrganization(SwitchRow? organization) =>
        Of(organization, null, ofCampaign: false, [.. ConnectionType.All.Select(type => type.Name)]);

    private static EffectiveConnections Of(SwitchRow? organization, SwitchRow? own, bool ofCampaign, IReadOnlyList<string> wanted)
    {
        var component = Weigh(organization?.Component, own?.Component);
        var types = ConnectionType.All.Select(type =>
        {
            var one = Weigh(Of(organization, type), Of(own, type));
            return component.On
                ? new EffectiveType(type.Name, type.Platform, one.On, one.Source, one.Explanation, one.Set)
                : new(type.Name, type.Platform, false, component.Source, $"Off: with it all connections are off, {Why(component.Source)}.", one.Set);
        }).ToArray();
        return new(component, types, [.. types.Where(type => type.On && wanted.Contains(type.Type)).Select(type => type.Type)]);

        EffectiveSwitch Weigh(bool? byOrganization, bool? byCampaign)
        {
            var source = byCampaign is not null ? "campaign" : byOrganization is not null ? "organization" : "default";
            var on = byCampaign ?? byOrganization ?? true;
            return new(on, source, $"{(on ? "On" : "Off")}: {Why(source)}.", ofCampaign ? byCampaign : byOrganization);
        }

        string Why(string source) => source switch
        {
            "campaign" => "set for this campaign",
            "organization" => ofCampaign ? "inherited from the organization" : "set for the organization",
            _ => "the default, nobody has set it",
        };
    }

    private static bool? Of(SwitchRow? row, ConnectionType type) => row is not null && row.Types.TryGetValue(type.Name, out var on) ? on : null;
}
