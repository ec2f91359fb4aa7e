using EventSourcing;

namespace Campaigns;

/// <summary>Somebody switched connections on or off: everything that is set from now on, so that each event says it all. What is not set is inherited.</summary>
public sealed record ConnectionsSwitched(Guid SwitchesId, Guid? CampaignId, bool? Component, IReadOnlyDictionary<string, bool> Types);

/// <summary>Everything is inherited again: by a campaign from its organization, by an organization from the default.</summary>
public sealed record ConnectionsReset(Guid SwitchesId, Guid? CampaignId);

/// <summary>
/// What an organization, or one of its campaigns, has set of the connections component and of each connection type. Null, or no entry, is
/// inherited; <see cref="EffectiveConnections"/> says what comes of it.
/// </summary>
public sealed record ConnectionSwitches(Guid Id, bool? Component, IReadOnlyDictionary<string, bool> Types, long Revision) : IStreamState<ConnectionSwitches>
{
    /// <summary>What the switch of everything at once is called beside those of the types.</summary>
    public const string ComponentSwitch = "component";

    public static Guid StreamOf(string organization, Guid? campaign) =>
        campaign is { } one ? StreamId.Of("connection-switches", organization, one.ToString()) : StreamId.Of("connection-switches", organization);

    /// <summary>The facts that lead to these settings; nothing when they hold already.</summary>
    public static Decision Change(ConnectionSwitches? state, Guid id, Guid? campaign, bool? component, IReadOnlyDictionary<string, bool> types) => state switch
    {
        null when component is null && types.Count == 0 => Decision.Nothing,
        { } set when set.Component == component && set.Types.Count == types.Count && set.Types.All(types.Contains) => Decision.Nothing,
        _ when component is null && types.Count == 0 => Decision.Of(new ConnectionsReset(id, campaign)),
        _ => Decision.Of(new ConnectionsSwitched(id, campaign, component, types)),
    };

    public static ConnectionSwitches? Fold(ConnectionSwitches? state, object @event) => @event switch
    {
        ConnectionsSwitched e => new(e.SwitchesId, e.Component, e.Types, (state?.Revision ?? 0) + 1),
        ConnectionsReset e => new(e.SwitchesId, null, new Dictionary<string, bool>(), (state?.Revision ?? 0) + 1),
        _ => state,
    };
}
