using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using EventSourcing;

namespace Campaigns;

/// <summary>
/// Which creators of a roster, in which order: the one query language of the list, its facets, its export, a saved view and an outreach's filter. Words
/// hold one value or several separated by commas.
/// </summary>
/// <param name="Type">Connection types that <paramref name="Status"/> speaks of; all that are shown when it is missing.</param>
/// <param name="Status">Creators stay who have one of these statuses in one of those types.</param>
/// <param name="Connection">Repeatable, <c>YouTubeInsights:Expired,Invalidated</c>: creators stay who have one of the statuses in that type, for every one of these.</param>
/// <param name="Missing"><c>true</c>: creators who lack an authorization that is shown, whose metrics may be incomplete.</param>
/// <param name="Search">Part of a name or handle, whatever case and accents; one or two letters are the beginning of one.</param>
/// <param name="ExpiringWithin">Days, 1 to 60: creators with a warned-of end of life of a shown authorization within so many days.</param>
/// <param name="Outreach">States of the newest message: NotAsked, Sent, Failed, Bounced, Clicked, Connected.</param>
/// <param name="Sort"><c>name</c>, a connection type (what needs somebody first), <c>lastOutreach</c> (newest first); a minus before it turns it around.</param>
/// <param name="Cursor">From the page before.</param>
/// <param name="Limit">Entries per page, 1 to 200; 50 when missing.</param>
public sealed record CreatorFilter(
    string? Type = null, string? Status = null, string[]? Connection = null, bool? Missing = null, string? Search = null, int? ExpiringWithin = null, string? Outreach = null,
    string? Sort = null, string? Cursor = null, int? Limit = null)
{
    public const string SortByName = "name";
    public const string SortByLastOutreach = "lastOutreach";
    private const int LongestExpiry = 60;
    private const int Trigram = 3;

    /// <summary>What the list can be asked for in an address, pages excepted.</summary>
    public static IReadOnlyList<string> Parameters { get; } = [.. new CreatorFilter().Parts().Select(part => part.Name)];

    /// <summary>What a search looks for; null when there is none.</summary>
    public string? SearchKey => string.IsNullOrWhiteSpace(Search) ? null : CreatorProfile.SearchKey(Search.Trim().TrimStart('@'));

    /// <summary>Is it looked for anywhere in a name or handle? What has fewer characters than a trigram is the beginning of one.</summary>
    public bool SearchesAnywhere => SearchKey is not null && SearchLength >= Trigram;

    /// <summary>Is it one part itself, so that whoever has that part has it? "aaaa" has one part as well, but is more.</summary>
    public bool SearchIsOnePart => SearchKey is not null && SearchLength <= Trigram;

    private int SearchLength => (SearchKey ?? "").EnumerateRunes().Count();

    /// <summary>
    /// The parts by which the index finds it (<see cref="ViewGenerations"/>): every three characters that follow one another, or the beginning of a word. Where it takes several, whoever has them all is
    /// still to be compared with what is looked for.
    /// </summary>
    public string[] SearchParts
    {
        get
        {
            Rune[] sought = [.. (SearchKey ?? "").EnumerateRunes()];
            return sought.Length < Trigram
                ? [$"^{SearchKey}"]
                : [.. Enumerable.Range(0, sought.Length - Trigram + 1).Select(place => string.Concat(sought[place..(place + Trigram)])).Distinct()];
        }
    }

    /// <summary>What a search looks for, for a pattern of LIKE.</summary>
    public string? SearchLiteral =>
        SearchKey?.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);

    /// <summary>Does finding the creators take more than their standings?</summary>
    public bool LooksAtCreators => SearchKey is not null || ExpiringWithin is not null;

    public string SortKey => (Sort ?? SortByName).TrimStart('-');

    public bool IsDescending => Sort is ['-', ..];

    /// <summary>The first thing that means nothing where these types are shown.</summary>
    public Decision.Refused? Flaw(IReadOnlyList<string> shown)
    {
        var conditions = (Connection ?? []).Select(Campaigns.Condition.Of).ToArray();
        if (Words(Type).Concat(conditions.Select(condition => condition.Type)).Any(type => !shown.Contains(type)))
        {
            return Invalid("connection-type.unknown", shown.Count == 0 ? "No connection types are shown here." : $"Shown here are {string.Join(", ", shown)}; filter by those.", Type is null ? "connection" : "type");
        }

        if (Words(Status).Concat(conditions.SelectMany(condition => condition.Statuses)).Any(status => !ConnectionStatus.All.Contains(status)))
        {
            return Invalid("status.unknown", $"The statuses are {string.Join(", ", ConnectionStatus.All)}.", Status is null ? "connection" : "status");
        }

        if (Words(Outreach).Any(state => !OutreachState.All.Contains(state)))
        {
            return Invalid("outreach-state.unknown", $"The states of a message are {string.Join(", ", OutreachState.All)}.", "outreach");
        }

        if (ExpiringWithin is < 1 or > LongestExpiry)
        {
            return Invalid("expiring-within.invalid", $"Give the days as a number from 1 to {LongestExpiry}.", "expiringWithin");
        }

        return SortKey is SortByName or SortByLastOutreach || shown.Contains(SortKey)
            ? null
            : Invalid("sort.unknown", $"Sort by {string.Join(", ", [SortByName, .. shown, SortByLastOutreach])}, with a minus before it to turn it around.", "sort");
    }

    /// <summary>The condition on a standing.</summary>
    /// <param name="shown">The types that are shown.</param>
    /// <param name="but">A type whose conditions are left out: what its facet counts.</param>
    /// <param name="butOutreach">Is the condition on messages left out?</param>
    public Func<Standing, bool> Condition(IReadOnlyList<string> shown, string? but = null, bool butOutreach = false)
    {
        var types = Type is null ? shown : Words(Type);
        string[] statuses = but is not null && types.Contains(but) ? [] : Words(Status);
        var conditions = (Connection ?? []).Select(Campaigns.Condition.Of).Where(condition => condition.Type != but).ToArray();
        var states = butOutreach ? [] : Words(Outreach);
        var authorizations = Authorizations(shown);

        // Thousands of standings share a few hundred ways their columns look: each is worked out once.
        var looks = new bool?[Standing.ConnectionBits + 1];
        return standing => (states.Length == 0 || states.Contains(standing.Outreach)) && (looks[standing.WithoutOutreach.Code] ??= Looks(standing));

        bool Looks(Standing standing) =>
            (statuses.Length == 0 || types.Any(type => statuses.Contains(standing.StatusOf(type))))
            && conditions.All(condition => condition.Statuses.Contains(standing.StatusOf(condition.Type)))
            && (Missing is not true || !standing.IsConnected(authorizations));
    }

    /// <summary>The bits of a standing the conditions and the order look at.</summary>
    public short Bits(IReadOnlyList<string> shown)
    {
        IEnumerable<string> types =
        [
            .. Words(Status) is [] ? Array.Empty<string>() : Type is null ? shown : Words(Type),
            .. (Connection ?? []).Select(condition => Campaigns.Condition.Of(condition).Type),
            .. Missing is true ? Authorizations(shown) : [],
            .. SortKey is SortByName or SortByLastOutreach ? Array.Empty<string>() : [SortKey],
        ];
        var outreach = Words(Outreach).Length > 0 || SortKey == SortByLastOutreach ? Standing.OutreachBits : 0;
        return types.Aggregate((short)outreach, (bits, type) => (short)(bits | Standing.BitsOf(type)));
    }

    /// <summary>The runs of standings a sorted list goes through, one after the other; within each it goes by name, or by the time of the newest message.</summary>
    public IReadOnlyList<SortRun> Runs()
    {
        if (SortKey == SortByName)
        {
            return [new(_ => true, SortOrder.Name, IsDescending)];
        }

        if (SortKey == SortByLastOutreach)
        {
            // Whoever was never written to stands at the end, whichever way round.
            return [new(standing => standing.Outreach != OutreachState.NotAsked, SortOrder.Contacted, !IsDescending), new(standing => standing.Outreach == OutreachState.NotAsked, SortOrder.Name, false)];
        }

        string[] order = [ConnectionStatus.Invalidated, ConnectionStatus.Expired, ConnectionStatus.NotConnected, ConnectionStatus.Connected];
        return [.. (IsDescending ? order.Reverse() : order).Select(status => new SortRun(standing => standing.StatusOf(SortKey) == status, SortOrder.Name, false))];
    }

    /// <summary>As it stands in an address, without cursor and limit.</summary>
    public string ToQuery() => string.Join('&', Parts().Where(part => part.Value is not null).Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}"));

    private IEnumerable<(string Name, string? Value)> Parts() =>
    [
        ("type", Type), ("status", Status), .. ((string?[]?)Connection ?? [null]).Select(condition => ("connection", condition)), ("missing", Missing is true ? "true" : null),
        ("search", Search), ("expiringWithin", ExpiringWithin?.ToString(CultureInfo.InvariantCulture)), ("outreach", Outreach), ("sort", Sort),
    ];

    public static IReadOnlyList<string> Authorizations(IEnumerable<string> types) => [.. types.Where(type => ConnectionType.Named(type) is { IsAuthorization: true })];

    /// <summary>Are these all authorizations there are? Then the nearest end of any is the nearest of those.</summary>
    public static bool AreAllAuthorizations(IReadOnlyList<string> types) => ConnectionType.All.All(type => !type.IsAuthorization || types.Contains(type.Name));

    private static string[] Words(string? list) => list is null ? [] : [.. list.Split(',', StringSplitOptions.TrimEntries).Distinct()];

    private static Decision.Refused Invalid(string code, string detail, string field) => new(RefusalKind.InvalidValue, code, detail, field);
}

/// <summary>One condition on one column.</summary>
internal sealed record Condition(string Type, string[] Statuses)
{
    public static Condition Of(string text)
    {
        var parts = text.Split(':', 2, StringSplitOptions.TrimEntries);
        return new(parts[0], parts.Length < 2 ? [] : [.. parts[1].Split(',', StringSplitOptions.TrimEntries).Distinct()]);
    }
}

public enum SortOrder
{
    /// <summary>By name.</summary>
    Name,

    /// <summary>By the time of the newest message.</summary>
    Contacted,
}

/// <summary>Creators of one list that stand together.</summary>
public sealed record SortRun(Func<Standing, bool> Holds, SortOrder Order, bool Descending);

/// <summary>Where a page ended: in which run, at which time where the run goes by time, at whom. No name: a cursor stands in addresses.</summary>
public sealed record CreatorCursor(int Run, long Micros, Guid Creator)
{
    private const int Size = 25;

    public static CreatorCursor? Of(string? text)
    {
        var bytes = new byte[Size];
        return text is not null && Base64Url.IsValid(text, out var length) && length == Size && Base64Url.TryDecodeFromChars(text, bytes, out _)
            ? new(bytes[0], BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(1)), new Guid(bytes.AsSpan(9), bigEndian: true))
            : null;
    }

    public override string ToString()
    {
        var bytes = new byte[Size];
        bytes[0] = (byte)Run;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), Micros);
        Creator.TryWriteBytes(bytes.AsSpan(9), bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }
}
