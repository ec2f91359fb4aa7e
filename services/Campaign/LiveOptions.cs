using System.ComponentModel.DataAnnotations;

namespace Campaigns;

/// <summary>How changes reach those who watch. Section <c>Live</c>.</summary>
public sealed class LiveOptions
{
    public const string Section = "Live";

    /// <summary>Shortest time between two looks at one roster: what changes meanwhile is sent together, so that many watchers cost few writes.</summary>
    public TimeSpan LookEvery { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Shortest time between two events <c>figures</c> of one roster.</summary>
    public TimeSpan FiguresEvery { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>A comment is sent so long after the last event, so that nobody between takes the connection for dead.</summary>
    public TimeSpan HeartbeatEvery { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How many batches may wait for a slow client before it is told to come back.</summary>
    [Range(1, 10_000)]
    public int Buffer { get; set; } = 64;

    /// <summary>Above so many changed creators at once, clients are told to load the list anew.</summary>
    [Range(1, 10_000)]
    public int MostCreators { get; set; } = 2_000;
}
