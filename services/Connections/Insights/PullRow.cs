using Connections.Platforms;

namespace Connections.Insights;

/// <summary>Who has to do something about insights that do not come.</summary>
public static class PullTrouble
{
    /// <summary>The platform: it is tried again.</summary>
    public const string Platform = "platform";

    /// <summary>Us: our request or our app's configuration.</summary>
    public const string Ours = "ours";

    /// <summary>The authorization may be gone: upkeep finds out.</summary>
    public const string Authorization = "authorization";

    /// <summary>Nobody: our app or the account has used what it is allowed, and waits.</summary>
    public const string Quota = "quota";
}

/// <summary>How much a pull brought, and how each data type turned out.</summary>
public sealed record PullTally
{
    public long AccountMetrics { get; init; }

    public long ContentItems { get; init; }

    public long ContentMetrics { get; init; }

    public DateOnly? Through { get; init; }

    public IReadOnlyDictionary<string, string> Findings { get; init; } = new Dictionary<string, string>();

    /// <summary>With what another step brought. A type that was there once is there, whatever single pieces of it lack.</summary>
    public PullTally With(InsightsStep step)
    {
        var findings = new Dictionary<string, string>(Findings);
        foreach (var (type, finding) in step.Findings)
        {
            if (findings.GetValueOrDefault(type) != Finding.Ok)
            {
                findings[type] = finding;
            }
        }

        return new()
        {
            AccountMetrics = AccountMetrics + step.Account.Count,
            ContentItems = ContentItems + step.Content.Count,
            ContentMetrics = ContentMetrics + step.ContentMetrics.Count,
            Through = step.Account.Select(row => (DateOnly?)row.Day).Append(Through).Max(),
            Findings = findings,
        };
    }

    /// <summary>As the state of things after another pull: what that one did not look at stays as it was.</summary>
    public PullTally Then(PullTally later)
    {
        var findings = new Dictionary<string, string>(Findings);
        foreach (var (type, finding) in later.Findings)
        {
            findings[type] = finding;
        }

        return later with { Findings = findings, Through = later.Through ?? Through };
    }
}

/// <summary>Where the insights of one connection stand: when they are due, how far a pull has got, and how the last ones went.</summary>
public sealed record PullRow
{
    public required string Organization { get; init; }

    public required Guid ConnectionId { get; init; }

    public required Guid CreatorId { get; init; }

    public required string Platform { get; init; }

    /// <summary>When it is pulled next; while it is leased, when the lease ends; null while the connection is not green.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Somebody asked for it: more than live content is wanted.</summary>
    public bool IsAsked { get; init; }

    /// <summary>The pull under way; null when none is.</summary>
    public PullKind? Kind { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public InsightsCursor? Cursor { get; init; }

    /// <summary>What the pull under way has brought so far.</summary>
    public PullTally Progress { get; init; } = new();

    /// <summary>What the last finished one brought.</summary>
    public PullTally Last { get; init; } = new();

    /// <summary>How much the pull that has just been finished was of. Not stored.</summary>
    public PullKind Pulled { get; init; }

    /// <summary>When the last days were last pulled to the end.</summary>
    public DateTimeOffset? LastOkAt { get; init; }

    public DateTimeOffset? FullAt { get; init; }

    public int Failures { get; init; }

    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>It is more than a passing failure.</summary>
    public bool IsFailing { get; init; }

    /// <summary>The platform's code of the last failure, or why it waits.</summary>
    public string? Code { get; init; }

    /// <summary>A word of <see cref="PullTrouble"/>.</summary>
    public string? Trouble { get; init; }

    /// <summary>The row with a pull under way: the one that was interrupted, or a new one.</summary>
    public PullRow Begun(InsightsPolicy policy, InsightsOptions options, DateTimeOffset now)
    {
        if (StartedAt > now - options.LongestPull && !(IsAsked && Kind == PullKind.Live))
        {
            return this with { IsAsked = false };
        }

        var kind = !(FullAt > now - policy.FullEvery) ? PullKind.Full
            : IsAsked || policy.LiveEvery is null || !(LastOkAt > now - (policy.Every * 0.85)) ? PullKind.Daily
            : PullKind.Live;
        return this with { IsAsked = false, Kind = kind, StartedAt = now, Cursor = null, Progress = new() };
    }

    /// <summary>The row after a step that worked.</summary>
    /// <param name="step">What it brought.</param>
    /// <param name="policy">The platform's.</param>
    /// <param name="now">The moment (UTC).</param>
    /// <param name="jitter">From 0 to 1, drawn by the caller.</param>
    public PullRow Advanced(InsightsStep step, InsightsPolicy policy, DateTimeOffset now, double jitter)
    {
        var progress = Progress.With(step);
        if (step.Next is not null)
        {
            var going = this with { Cursor = step.Next, Progress = progress, Failures = 0 };
            return IsFailing ? going : going with { FailingSince = null, Code = null, Trouble = null };
        }

        var lastOk = Kind == PullKind.Live ? LastOkAt : now;
        var daily = (lastOk ?? now) + (policy.Every * (1 - (0.1 * jitter)));
        var live = policy.LiveEvery is { } every ? now + (every * (1 - (0.1 * jitter))) : daily;
        return this with
        {
            Kind = null,
            Pulled = Kind!.Value,
            StartedAt = null,
            Cursor = null,
            Progress = new(),
            Last = Last.Then(progress),
            LastOkAt = lastOk,
            FullAt = Kind == PullKind.Full ? now : FullAt,
            Failures = 0,
            FailingSince = null,
            IsFailing = false,
            Code = null,
            Trouble = null,
            DueAt = live < daily ? live : daily,
        };
    }

    /// <summary>The row when calls have to wait. What was pulled stays, and the pull goes on from there.</summary>
    public PullRow Waiting(DateTimeOffset until, string code) => this with { DueAt = until, Code = code, Trouble = PullTrouble.Quota };

    /// <summary>The row after a step that failed. The pull goes on from there.</summary>
    /// <param name="seen">What the platform said.</param>
    /// <param name="diagnosis">What its table makes of it.</param>
    /// <param name="options">Patience.</param>
    /// <param name="now">The moment (UTC).</param>
    /// <param name="jitter">From 0 to 1, drawn by the caller.</param>
    public PullRow Failed(Observation seen, Diagnosis diagnosis, InsightsOptions options, DateTimeOffset now, double jitter)
    {
        var (trouble, isFailing) = diagnosis switch
        {
            Diagnosis.Passing => (PullTrouble.Platform, Failures + 1 >= options.FailingAfter),
            Diagnosis.NeedsRefresh => (PullTrouble.Authorization, Failures + 1 >= options.FailingAfter),
            Diagnosis.Dead or Diagnosis.Ended => (PullTrouble.Authorization, true),
            _ => (PullTrouble.Ours, true),
        };
        var longest = options.RetryFirst * Math.Pow(2, Math.Min(Failures, 20));
        var wait = (longest < options.RetryLongest ? longest : options.RetryLongest) * (0.5 + (0.5 * jitter));
        return this with
        {
            Failures = Failures + 1,
            FailingSince = FailingSince ?? now,
            IsFailing = IsFailing || isFailing,
            Code = seen.Words,
            Trouble = trouble,
            DueAt = now + (seen.RetryAfter > wait ? seen.RetryAfter.Value : wait),
        };
    }
}
