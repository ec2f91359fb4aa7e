using System.Globalization;
using System.Text.RegularExpressions;
using MudBlazor;

namespace WebConsole.Shared;

/// <summary>A status as people see it: never by colour alone.</summary>
public sealed record StatusLook(string Key, string Name, string Colour, string Icon);

/// <summary>The names, icons and dates people read, for the keys the services speak.</summary>
public static partial class Words
{
    public static IReadOnlyList<StatusLook> Statuses { get; } =
    [
        new("Connected", "Connected", "green", Icons.Material.Rounded.CheckCircle),
        new("Expired", "Expired", "red", Icons.Material.Rounded.TimerOff),
        new("Invalidated", "Invalidated", "red", Icons.Material.Rounded.LinkOff),
        new("NotConnected", "Not connected", "grey", Icons.Material.Rounded.RadioButtonUnchecked),
    ];

    // A status this console has not heard of yet is shown by its own name, in grey.
    public static StatusLook Status(string key) =>
        Statuses.FirstOrDefault(status => status.Key == key) ?? new(key, Spaced(key), "grey", Icons.Material.Rounded.HelpOutline);

    /// <summary>How far the newest message to a creator has come.</summary>
    public static IReadOnlyList<StatusLook> OutreachStates { get; } =
    [
        new("NotAsked", "Not asked", "grey", Icons.Material.Rounded.RadioButtonUnchecked),
        new("Sent", "Sent", "blue", Icons.Material.Rounded.Send),
        new("Failed", "Failed", "red", Icons.Material.Rounded.ErrorOutline),
        new("Bounced", "Bounced", "red", Icons.Material.Rounded.Undo),
        new("Clicked", "Clicked", "blue", Icons.Material.Rounded.TouchApp),
        new("Connected", "Connected", "green", Icons.Material.Rounded.CheckCircle),
    ];

    /// <summary>What sending this template to so many would do.</summary>
    public static string Fix(string template, int creators) => template switch
    {
        "reconnect-request" => $"Ask {Creators(creators)} to reconnect",
        "creator-hub-invitation" => $"Invite {Creators(creators)}",
        _ => $"{Spaced(template)}: {Creators(creators)}",
    };

    public static StatusLook OutreachState(string key) =>
        OutreachStates.FirstOrDefault(state => state.Key == key) ?? new(key, Spaced(key), "grey", Icons.Material.Rounded.HelpOutline);

    public static string ConnectionType(string type) => type switch
    {
        "InstagramInsights" => "Instagram Insights",
        "YouTubeInsights" => "YouTube Insights",
        "TikTokInsights" => "TikTok",
        "TikTokMarketplace" => "TikTok Marketplace",
        _ => Spaced(type),
    };

    public static string Platform(string key) => key switch
    {
        "instagram" => "Instagram",
        "youtube" => "YouTube",
        "tiktok" => "TikTok",
        _ => key,
    };

    /// <summary>All that <see cref="PlatformIcon"/> answers.</summary>
    public static IReadOnlyList<string> PlatformIcons { get; } = [.. ((string[])["instagram", "youtube", "tiktok", ""]).Select(PlatformIcon)];

    public static string PlatformIcon(string platformOrType) => platformOrType.ToLowerInvariant() switch
    {
        var key when key.StartsWith("instagram", StringComparison.Ordinal) => Icons.Custom.Brands.Instagram,
        var key when key.StartsWith("youtube", StringComparison.Ordinal) => Icons.Custom.Brands.YouTube,
        var key when key.StartsWith("tiktok", StringComparison.Ordinal) => Icons.Custom.Brands.TikTok,
        _ => Icons.Material.Rounded.Link,
    };

    /// <summary>A reason key as a sentence; what is a sentence already stays one.</summary>
    public static string Reason(string reason) => reason switch
    {
        "Revoked" => "The creator removed our access on the platform",
        "PermissionRemoved" => "A permission we need was removed",
        "AccountSuspended" => "The platform suspended the account",
        "AccountDeleted" => "The account was deleted",
        "DisconnectedByCreator" => "Disconnected by the creator",
        "DisconnectedByUs" => "Disconnected by us",
        "DataDeletionRequested" => "The creator asked for their data to be deleted",
        "already-connected" => "Has connected every account this campaign asks for",
        "component-off" => "What the message asks for is switched off in this campaign",
        "already-invited" => "Got this message not long ago",
        "nothing-to-reconnect" => "Has no connection that needs repair",
        "not-on-roster" => "Is not on this campaign any more",
        "unknown-creator" => "Is not known to outreach yet; try again in a moment",
        "no-email" => "Has no e-mail address",
        "address-invalid" => "The e-mail address cannot be used",
        "merge-field-empty" => "Something the message needs is not known about this creator",
        "suppressed" => "Is not to be written to: unsubscribed, or on the list of those we leave in peace",
        "marketplace-joined" => "Is in the TikTok Creator Marketplace already",
        "marketplace-not-eligible" => "TikTok does not take this creator into its marketplace",
        "no-marketplace-link" => "There is no marketplace link for this creator",
        "cancelled" => "The outreach was cancelled before",
        "attempts-exhausted" => "The mail server did not take it, however often it was tried",
        "mailbox-unknown" => "There is no such mailbox",
        "mailbox-full" => "The mailbox is full",
        "mailbox-unavailable" => "The mail server does not take mail for this address",
        "in-doubt" => "The connection broke off while sending; it may have arrived",
        _ when reason.Contains(' ', StringComparison.Ordinal) => reason,
        _ => Spaced(reason),
    };

    public static string Audience(string audience) => audience switch
    {
        "YetToOptIn" => "Creators who have yet to opt in",
        "HasLostAccess" => "Creators who have lost access",
        "MarketplaceInvitee" => "Invitees of the TikTok Creator Marketplace",
        _ => Spaced(audience),
    };

    /// <summary>Whether data flows, which is apart from whether it may.</summary>
    public static string Insights(string state) => state switch
    {
        "NotSynced" => "Not pulled yet",
        "Syncing" => "Being pulled now",
        "Synced" => "Up to date",
        "Stale" => "Older than they should be",
        "Failing" => "Cannot be pulled",
        _ => Spaced(state),
    };

    public static string Suppressed(string reason) => reason switch
    {
        "Manual" => "Decided here",
        "Unsubscribed" => "Unsubscribed",
        "Complaint" => "Reported a message as spam",
        "HardBounce" => "The mailbox does not exist",
        _ => Spaced(reason),
    };

    /// <summary>ReconnectRequest, reconnect-request or reconnect.request as words: Reconnect request.</summary>
    public static string Spaced(string key)
    {
        var words = WordStarts().Replace(key.Replace('.', ' ').Replace('-', ' ').Replace('_', ' '), " $1").ToLowerInvariant().Trim();
        return words.Length == 0 ? words : char.ToUpperInvariant(words[0]) + words[1..];
    }

    public static string Date(DateOnly date) => date.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    public static string Date(DateTimeOffset time) => time.UtcDateTime.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>A time as the person's own clock shows it, with the zone said: colleagues sit in several.</summary>
    public static string Time(DateTimeOffset time, TimeZoneInfo? zone = null)
    {
        var local = TimeZoneInfo.ConvertTime(time, zone ?? TimeZoneInfo.Utc);
        return $"{local.ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture)} {Offset(local.Offset)}";
    }

    private static string Offset(TimeSpan offset) => offset == TimeSpan.Zero ? "UTC"
        : $"UTC{(offset < TimeSpan.Zero ? '−' : '+')}{Math.Abs(offset.Hours)}{(offset.Minutes == 0 ? "" : $":{Math.Abs(offset.Minutes):00}")}";

    public static string Dates(DateOnly from, DateOnly to) => from.Year == to.Year
        ? $"{from.ToString("d MMM", CultureInfo.InvariantCulture)} – {Date(to)}"
        : $"{Date(from)} – {Date(to)}";

    public static string Creators(int count) => count == 1 ? "1 creator" : $"{Number(count)} creators";

    public static string Messages(long count) => count == 1 ? "1 message" : $"{count.ToString("N0", CultureInfo.InvariantCulture)} messages";

    public static string Number(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static string Percent(double share) => Math.Clamp(share, 0, 1) switch
    {
        // Nobody wants to read 100 % where one creator is missing, or 0 % where one is there.
        > 0.99 and < 1 => "99%",
        > 0 and < 0.01 => "1%",
        var exact => exact.ToString("0%", CultureInfo.InvariantCulture).Replace(" ", "", StringComparison.Ordinal),
    };

    [GeneratedRegex("(?<=[a-z0-9])([A-Z])")]
    private static partial Regex WordStarts();
}
