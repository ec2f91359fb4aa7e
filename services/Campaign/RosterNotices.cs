using EventSourcing;
using Marten;
using Npgsql;

namespace Campaigns;

/// <summary>
/// Tells every replica, in the moment a page of the views commits, which rosters it changed, and when switches change. One NOTIFY per page and not per event:
/// PostgreSQL lets only one notifying transaction commit at a time.
/// </summary>
public sealed partial class RosterNotices(NpgsqlDataSource source, ILogger<RosterNotices> logger) : BackgroundService
{
    /// <summary>A notice that may be about any roster: a page named too many, or the connection was lost.</summary>
    public static readonly Notice Anything = new(null, null, true);

    private const string Channel = "campaign_changed";
    private const int Longest = 7_900;
    private const char OfSwitches = '!';
    private const char OfOrganization = '@';
    private const string All = "*";

    /// <summary>What is told: of one roster, or all those of an organization; without either of any.</summary>
    public sealed record Notice(Guid? Roster, string? Organization, bool OfSwitches);

    /// <summary>Called for every notice; quick, and never throws.</summary>
    public event Action<Notice>? Heard;

    /// <summary>With the page that changes them.</summary>
    public static void Tell(IDocumentOperations operations, IEnumerable<Guid> rosters)
    {
        var payload = string.Join(',', rosters.Distinct().Select(roster => roster.ToString("N")));
        if (payload.Length > 0)
        {
            Notify(operations, payload.Length > Longest ? All : payload);
        }
    }

    /// <summary>With the change of what is switched on, of a campaign or of the organization.</summary>
    public static void TellOfSwitches(IDocumentOperations operations, Guid? campaign) =>
        Notify(operations, campaign is { } one ? $"{OfSwitches}{one:N}" : $"{OfOrganization}{operations.TenantId}");

    public static IEnumerable<Notice> Read(string payload) => payload switch
    {
        [OfSwitches, .. var id] => [new(Guid.ParseExact(id, "N"), null, true)],
        [OfOrganization, .. var organization] => [new(null, organization, true)],
        All => [Anything],
        _ => payload.Split(',').Select(id => new Notice(Guid.ParseExact(id, "N"), null, false)),
    };

    // What was told while nobody listened: everybody looks for themselves.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => NotificationListener.Listen(
        source, Channel, notification => Tell(Read(notification.Payload)), () => Tell([Anything]), Lost, stoppingToken);

    private void Tell(IEnumerable<Notice> notices)
    {
        foreach (var notice in notices)
        {
            Heard?.Invoke(notice);
        }
    }

    private static void Notify(IDocumentOperations operations, string payload) => operations.QueueSqlCommand("select pg_notify(?, ?)", Channel, payload);

    [LoggerMessage(LogLevel.Warning, "Changes of rosters are not heard of for a moment ({Fault}); watchers get them when the connection is back.")]
    private partial void Lost(string fault);
}
