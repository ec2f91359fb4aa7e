using EventSourcing;

namespace Outreach;

/// <summary>
/// Somebody changed as whom and how fast the organization writes. Which members, not their values: addresses of staff lie in a table, where they can
/// be erased.
/// </summary>
public sealed record SenderSettingsChanged(Guid SettingsId, IReadOnlyList<string> Members, long Revision, string ChangedBy);

public sealed record SenderSettings(Guid Id, long Revision) : IStreamState<SenderSettings>
{
    public static Guid IdOf(string organization) => StreamId.Of("sender-settings", organization);

    public static SenderSettings? Fold(SenderSettings? state, object @event) => @event switch
    {
        SenderSettingsChanged e => new(e.SettingsId, e.Revision),
        _ => state,
    };
}

/// <summary>As whom an organization writes. Without a name it is the organization's own. Personal data: kept in one table and nowhere else.</summary>
public sealed record Sender(string? Name, string Address, string? ReplyTo, string? CopyTo, Pace Pace);
