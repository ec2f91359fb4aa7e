using EventSourcing;

namespace Outreach;

/// <summary>Which connections are on or off for an organization, or against it for one campaign, is known. What is not set is inherited.</summary>
public sealed record SwitchesHeard(Guid SwitchesId, bool? Component, IReadOnlyDictionary<string, bool> Types, long Sequence);

public sealed record ConnectionSwitches(Guid Id, bool? Component, IReadOnlyDictionary<string, bool> Types, long Sequence) : IStreamState<ConnectionSwitches>
{
    public static Guid IdOf(string organization) => StreamId.Of("known-switches", organization);

    public static Guid IdOf(string organization, Guid campaign) => StreamId.Of("known-switches", organization, campaign.ToString("N"));

    /// <summary>Every message says all that is set, so the newest one is all there is to know.</summary>
    public static Decision Note(ConnectionSwitches? state, Guid id, long sequence, bool? component, params IEnumerable<(string Type, bool? On)> types) =>
        state?.Sequence >= sequence
            ? Decision.Nothing
            : Decision.Of(new SwitchesHeard(id, component, types.Where(type => type.On is not null).ToDictionary(type => type.Type, type => type.On!.Value), sequence));

    public static ConnectionSwitches? Fold(ConnectionSwitches? state, object @event) => @event switch
    {
        SwitchesHeard e => new(e.SwitchesId, e.Component, e.Types, e.Sequence),
        _ => state,
    };
}

/// <summary>What is on in one campaign: its own switch decides, else the organization's, else it is on.</summary>
public sealed record CampaignSwitches(ConnectionSwitches? Organization, ConnectionSwitches? Campaign)
{
    public bool IsComponentOn => Campaign?.Component ?? Organization?.Component ?? true;

    public bool IsOn(string type) => IsComponentOn && (Of(Campaign, type) ?? Of(Organization, type) ?? true);

    private static bool? Of(ConnectionSwitches? switches, string type) => switches is not null && switches.Types.TryGetValue(type, out var on) ? on : null;
}
