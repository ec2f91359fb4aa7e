using EventSourcing;

namespace Campaigns;

/// <summary>Somebody switched an organization's connections on or off: everything that is set from now on, so that each event says it all. What is not set is on.</summary>
public sealed record OrganizationConnectionsSwitched(Guid SwitchesId, bool? Component, IReadOnlyDictionary<string, bool> Types);

/// <summary>An organization has nothing set any more.</summary>
public sealed record OrganizationConnectionsReset(Guid SwitchesId);

/// <summary>The same for one campaign; what is not set it inherits from its organization.</summary>
public sealed record CampaignConnectionsSwitched(Guid SwitchesId, Guid CampaignId, bool? Component, IReadOnlyDictionary<string, bool> Types);

/// <summary>A campaign inherits everything again.</summary>
public sealed record CampaignConnectionsReset(Guid SwitchesId, Guid CampaignId);

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
        _ when component is null && types.Count == 0 => Decision.Of(campaign is { } one ? new CampaignConnectionsReset(id, one) : new OrganizationConnectionsReset(id)),
        _ => Decision.Of(campaign is { } one ? new CampaignConnectionsSwitched(id, one, component, types) : new OrganizationConnectionsSwitched(id, component, types)),
    };

    public static ConnectionSwitches? Fold(ConnectionSwitches? state, object @event)
    {
        return @event switch
        {
            OrganizationConnectionsSwitched e => Set(e.SwitchesId, e.Component, e.Types),
            OrganizationConnectionsReset e => Set(e.SwitchesId, null, new Dictionary<string, bool>()),
            CampaignConnectionsSwitched e => Set(e.SwitchesId, e.Component, e.Types),
            CampaignConnectionsReset e => Set(e.SwitchesId, null, new Dictionary<string, bool>()),
            _ => state,
        };

        ConnectionSwitches Set(Guid id, bool? component, IReadOnlyDictionary<string, bool> types) => new(id, component, types, (state?.Revision ?? 0) + 1);
    }
}
