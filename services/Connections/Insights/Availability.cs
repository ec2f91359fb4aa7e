using Connections.Platforms;

namespace Connections.Insights;

/// <summary>What is to be had of one kind of data or content, and if nothing is, why.</summary>
/// <param name="Key">The data type's stable name.</param>
/// <param name="Kind"><c>data</c> or <c>content</c>.</param>
/// <param name="Name">As people say it.</param>
/// <param name="Metrics">In the platform's spelling.</param>
/// <param name="IsAvailable">It comes with the pulls.</param>
/// <param name="Reason">Why it does not: a stable code; null when it does.</param>
/// <param name="Words">The same for a person.</param>
public sealed record AvailabilityRow(string Key, string Kind, string Name, IReadOnlyList<string> Metrics, bool IsAvailable, string? Reason, string? Words);

/// <summary>What is known of a connection when its availability is asked for.</summary>
/// <param name="Standing">Its status.</param>
/// <param name="Reason">Why it was invalidated.</param>
/// <param name="Declined">Why the last visit to the consent page led to nothing, where it did.</param>
/// <param name="Scopes">What is granted.</param>
/// <param name="Findings">How each data type turned out at the last pull.</param>
public sealed record AvailabilityFacts(Standing Standing, string? Reason, string? Declined, IReadOnlyList<string> Scopes, IReadOnlyDictionary<string, string> Findings)
{
    /// <summary>A connection nobody ever made.</summary>
    public static AvailabilityFacts NeverMade { get; } = new(Standing.NotConnected, null, null, [], new Dictionary<string, string>());
}

/// <summary>The availability matrix: every data and content type of a platform, had or not, and why not. Pure.</summary>
public static class Availability
{
    public const string NotOffered = "not-offered";
    public const string PersonalAccount = "personal-account";
    public const string NotConnected = "not-connected";
    public const string Expired = "expired";
    public const string Invalidated = "invalidated";
    public const string ScopeMissing = "scope-missing";
    public const string NotPulledYet = "not-pulled-yet";

    /// <summary>The matrix of one connection.</summary>
    public static IReadOnlyList<AvailabilityRow> Of(IReadOnlyList<DataType> types, PlatformOptions platform, AvailabilityFacts facts) => [.. types.Select(type =>
    {
        var reason = WhyNot(type, facts);
        return new AvailabilityRow(type.Key, type.Kind, type.Name, platform.Insights.MetricsOf(type), reason is null, reason, reason is null ? NoteOn(type) : WordsFor(reason, type, platform, facts));
    })];

    // What lies furthest from the creator comes first: nobody is asked for something that would not help.
    private static string? WhyNot(DataType type, AvailabilityFacts facts) => facts switch
    {
        _ when !type.IsOffered => NotOffered,
        { Standing: not Standing.Connected, Declined: DeclineReason.PersonalAccount } => PersonalAccount,
        { Standing: Standing.NotConnected } => NotConnected,
        { Standing: Standing.Expired } => Expired,
        { Standing: Standing.Invalidated } => Invalidated,
        _ when !facts.Scopes.Contains(type.Scope) => ScopeMissing,
        _ => facts.Findings.GetValueOrDefault(type.Key, NotPulledYet) is var finding && finding == Finding.Ok ? null : finding,
    };

    private static string? NoteOn(DataType type) => type.LiveFor is { } life ? $"Only while it is live: {life.TotalHours:0} hours after it is published" : null;

    private static string WordsFor(string reason, DataType type, PlatformOptions platform, AvailabilityFacts facts) => reason switch
    {
        NotOffered => $"{platform.Name} has no such data for connected accounts",
        PersonalAccount => $"{platform.Name} gives it for professional accounts only: ask the creator to switch to a business or creator account",
        NotConnected => $"The creator has not connected {platform.Name}",
        Expired => $"The connection expired: ask the creator to reconnect {platform.Name}",
        Invalidated when facts.Reason == InvalidReason.PermissionRemoved => $"A permission was taken back: ask the creator to reconnect {platform.Name} and to leave every permission on",
        Invalidated => $"The connection is dead ({facts.Reason}): it comes back when the creator reconnects {platform.Name}",
        ScopeMissing => $"The creator left out the permission \"{platform.ScopeMeanings.GetValueOrDefault(type.Scope, type.Scope)}\"",
        NotPulledYet => "Nothing has been pulled yet: it comes with the first pull",
        Finding.FewFollowers => "The account has fewer than 100 followers",
        Finding.FewViewers => "Fewer than 5 people have watched",
        Finding.NoneLive => $"Stories can be read for {type.LiveFor?.TotalHours ?? 24:0} hours after they are published, and none is live",
        Finding.NoChannel => $"The account has no {platform.Name} channel",
        Finding.NothingPublished => "The creator has not published any",
        Finding.NoData => $"{platform.Name} has no numbers for these days yet",
        _ => $"{platform.Name} withholds it for this account",
    };
}
