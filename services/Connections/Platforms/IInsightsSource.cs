using Connections.Upkeep;

namespace Connections.Platforms;

/// <summary>How one platform's insights are read: what there is to be had, and how to get it a step at a time.</summary>
public interface IInsightsSource
{
    /// <summary>The platform's options; its key names the source.</summary>
    PlatformOptions Options { get; }

    /// <summary>Every kind of data and content the platform has, those it withholds included.</summary>
    IReadOnlyList<DataType> DataTypes { get; }

    /// <summary>The calls the next step may need, for platforms that allow our app so many. Taken from the budget before it is made.</summary>
    IReadOnlyList<CallCost> CostOf(InsightsCursor? cursor);

    /// <summary>Makes one step: a few calls at most, so that little is repeated after a crash. The same step made twice yields the same rows.</summary>
    /// <param name="token">Good for a call now.</param>
    /// <param name="cursor">Where the last step left off; null at the beginning.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="PlatformException">The platform refused or could not be asked. What says only that there is no such data is in the answer instead.</exception>
    Task<InsightsStep> Pull(UsableToken token, InsightsCursor? cursor, InsightsRequest request, CancellationToken ct);
}

/// <summary>How much is pulled.</summary>
public enum PullKind
{
    /// <summary>What is gone tomorrow: stories.</summary>
    Live,

    /// <summary>The last days, which platforms still correct, and newer content.</summary>
    Daily,

    /// <summary>All of it, as far back as <see cref="InsightsPolicy.HistoryDays"/>.</summary>
    Full,
}

/// <summary>What is wanted.</summary>
/// <param name="Kind">How much.</param>
/// <param name="StartedAt">When the pull began (UTC), the same for all its steps: what has no day of its own gets this one's.</param>
public sealed record InsightsRequest(PullKind Kind, DateTimeOffset StartedAt);

/// <summary>Where a pull has got to. Stored with the rows of the step that led there.</summary>
/// <param name="Step">The step that comes next, in the platform's own words.</param>
/// <param name="Page">Where in it: a day, a number, or the platform's page token.</param>
public sealed record InsightsCursor(string Step, string? Page = null)
{
    /// <summary>Content whose metrics are still to be read before the next page.</summary>
    public IReadOnlyList<ContentKey> Pending { get; init; } = [];

    /// <summary>What earlier steps learnt: ids and counts that later ones need.</summary>
    public IReadOnlyDictionary<string, string> Known { get; init; } = new Dictionary<string, string>();
}

/// <summary>One piece of content.</summary>
public sealed record ContentKey(string Id, string Kind);

/// <summary>What a step brought.</summary>
/// <param name="Next">Where to go on; null when the pull is done.</param>
public sealed record InsightsStep(InsightsCursor? Next)
{
    public IReadOnlyList<AccountMetric> Account { get; init; } = [];

    public IReadOnlyList<ContentItem> Content { get; init; } = [];

    public IReadOnlyList<ContentMetric> ContentMetrics { get; init; } = [];

    /// <summary>How the data types this step looked at turned out: <see cref="Finding.Ok"/>, or why there is nothing.</summary>
    public IReadOnlyDictionary<string, string> Findings { get; init; } = new Dictionary<string, string>();

    /// <summary>How much of its limits the platform says is used; null where it says nothing.</summary>
    public UsageReport? Usage { get; init; }
}

/// <summary>A number about an account and a day.</summary>
/// <param name="Metric">In the platform's spelling.</param>
/// <param name="Breakdown"><c>key=value</c>, several joined by commas; empty for the whole.</param>
/// <param name="Day">In the platform's calendar; for what has no day, the day it was read.</param>
/// <param name="Value">The number.</param>
public sealed record AccountMetric(string Metric, string Breakdown, DateOnly Day, double Value);

/// <summary>A post, reel, story or video. No caption and no title: nobody needs them here.</summary>
public sealed record ContentItem(string Id, string Kind, string? Permalink, DateTimeOffset PublishedAt);

/// <summary>A number about a piece of content, counted over its life, as it stood on a day.</summary>
public sealed record ContentMetric(string ContentId, string Metric, DateOnly Day, double Value);

/// <summary>How many calls a step takes from one of the platform's allowances (<see cref="InsightsPolicy.Limits"/>).</summary>
public sealed record CallCost(string Bucket, int Calls);

/// <summary>Shares of limits that are used, in percent.</summary>
/// <param name="App">Of our app's.</param>
/// <param name="Account">Of this account's.</param>
/// <param name="RegainAfter">After how long the platform says calls are possible again; null where it does not.</param>
public sealed record UsageReport(double App, double Account, TimeSpan? RegainAfter);

/// <summary>One kind of data or content of a platform, with its metrics: a row of the availability matrix.</summary>
/// <param name="Key">Stable name.</param>
/// <param name="Kind"><c>data</c> about the account, or <c>content</c> with its metrics.</param>
/// <param name="Name">As people say it.</param>
/// <param name="Scope">Without which it cannot be read.</param>
/// <param name="Metrics">In the platform's spelling.</param>
public sealed record DataType(string Key, string Kind, string Name, string Scope, params IReadOnlyList<string> Metrics)
{
    public const string Data = "data";
    public const string Content = "content";

    /// <summary>How long the platform shows such content; null for as long as it exists.</summary>
    public TimeSpan? LiveFor { get; init; }

    /// <summary>Only for accounts with so many followers.</summary>
    public long LeastFollowers { get; init; }

    /// <summary>False where the platform has such data and lets nobody read it this way.</summary>
    public bool IsOffered { get; init; } = true;
}

/// <summary>How a data type turned out at the last pull.</summary>
public static class Finding
{
    public const string Ok = "ok";
    public const string FewFollowers = "under-100-followers";
    public const string FewViewers = "under-5-viewers";
    public const string NoneLive = "stories-only-live-24h";
    public const string NoChannel = "no-channel";
    public const string Withheld = "withheld-by-platform";
    public const string NothingPublished = "nothing-published";
    public const string NoData = "no-data";
}
