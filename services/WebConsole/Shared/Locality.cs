namespace WebConsole.Shared;

/// <summary>Where the person sits: the time zone their browser names.</summary>
public sealed class Locality
{
    public TimeZoneInfo Zone { get; private set; } = TimeZoneInfo.Utc;

    /// <summary>Takes the browser's word; false where nothing changes, or the zone is one this machine does not know.</summary>
    public bool Take(string? zone)
    {
        if (zone is not { Length: > 0 } || !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) || found.Equals(Zone))
        {
            return false;
        }

        Zone = found;
        return true;
    }
}
