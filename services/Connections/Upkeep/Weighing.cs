using Connections.Platforms;

namespace Connections.Upkeep;

/// <summary>What is done for a connection that is due.</summary>
public enum UpkeepStep
{
    /// <summary>Renew the tokens.</summary>
    Refresh,

    /// <summary>Ask with the tokens whether all is well.</summary>
    Probe,
}

/// <summary>What a look at a connection changes for everybody.</summary>
public abstract record UpkeepChange
{
    /// <summary>It works again.</summary>
    public sealed record Recovered(Evidence Evidence) : UpkeepChange;

    /// <summary>It died early.</summary>
    public sealed record Lost(string Reason, Evidence Evidence) : UpkeepChange;

    /// <summary>Its end of life passed, and the platform says so.</summary>
    public sealed record Expired(Evidence Evidence) : UpkeepChange;
}

/// <summary>What to store after a look, and what it changes for everybody. A null row: no more care is needed, and the tokens go.</summary>
public sealed record Weighed(UpkeepRow? Row, UpkeepChange? Change, bool CountsAsFailed);

/// <summary>
/// Weighs a platform's answer: the one place that decides what an observation does to a connection. Pure, so that every interleaving can be
/// tried without a server.
/// </summary>
public static class Weighing
{
    /// <summary>What a row that is due needs.</summary>
    public static UpkeepStep StepFor(UpkeepRow row, RefreshPolicy policy, DateTimeOffset now)
    {
        var mayRefresh = row.IssuedAt + policy.MinAge <= now;
        return row switch
        {
            { Suspicion.Source: "refresh" } => UpkeepStep.Refresh,
            _ when policy.IsEnding(row.IssuedAt, row.AccessEndsAt, now) || (mayRefresh && row.RejectedVersion == row.Version) => UpkeepStep.Refresh,
            { State: not UpkeepState.Green } or { Suspicion: not null } => UpkeepStep.Probe,
            _ when mayRefresh && row.RefreshAt <= now => UpkeepStep.Refresh,
            _ => UpkeepStep.Probe,
        };
    }

    /// <summary>After a refresh that worked: is the connection to be probed at once, since only that settles what is open?</summary>
    public static bool NeedsProbe(UpkeepRow row) => row is { State: not UpkeepState.Green } or { Suspicion.Source: not "refresh" } or { RejectedVersion: not null };

    /// <summary>New tokens arrived. The row is theirs but for <see cref="UpkeepRow.Sealed"/>, which is written beside it.</summary>
    public static Weighed Renewed(UpkeepRow row, Renewal renewal, PlatformOptions platform, Warnings warnings, UpkeepOptions options, DateTimeOffset now, double jitter)
    {
        var renewed = (row with
        {
            Version = row.Version + 1,
            Scopes = renewal.Scopes ?? row.Scopes,
            Suspicion = row.Suspicion is { Source: "refresh" } ? null : row.Suspicion,
            IsHeld = row.IsHeld && row.Suspicion is { Source: not "refresh" },
            Trouble = null,
            TroubleAt = null,
        }).With(renewal.Tokens, platform.Refresh, now, warnings, jitter);
        if (row.State == UpkeepState.Green && platform.RequiredScopes.Except(renewed.Scopes).Any())
        {
            return Gone(renewed, InvalidReason.PermissionRemoved, new("refresh", null, now, Confidence.Confirmed, "any/scope"), now, options);
        }

        return new(renewed, null, CountsAsFailed: false);
    }

    /// <summary>A probe found all well.</summary>
    public static Weighed Well(UpkeepRow row, PlatformOptions platform, DateTimeOffset now)
    {
        var well = (row with
        {
            State = UpkeepState.Green,
            Suspicion = row.Suspicion is { Source: "refresh" } open ? open : null,
            IsHeld = row.IsHeld && row.Suspicion is { Source: "refresh" },
            Failures = 0,
            RejectedVersion = null,
            LostAt = null,
            Trouble = null,
            TroubleAt = null,
            ProbeAt = now + platform.Refresh.ProbeEvery,
        }).Rested();
        return new(well, row.State == UpkeepState.Green ? null : new UpkeepChange.Recovered(new("probe", null, now, Confidence.Confirmed)), CountsAsFailed: false);
    }

    /// <summary>The platform failed or refused.</summary>
    /// <param name="row">As leased.</param>
    /// <param name="source">Where it was met: <c>refresh</c>, <c>probe</c> or <c>api</c>.</param>
    /// <param name="seen">What was said.</param>
    /// <param name="diagnosis">What the platform's table makes of it.</param>
    /// <param name="isHolding">So much fails at this platform that nothing is believed now.</param>
    /// <param name="policy">The platform's.</param>
    /// <param name="options">Patience.</param>
    /// <param name="now">The moment (UTC).</param>
    /// <param name="jitter">From 0 to 1, drawn by the caller.</param>
    public static Weighed Failed(
        UpkeepRow row, string source, Observation seen, DiagnosisRow diagnosis, bool isHolding, RefreshPolicy policy, UpkeepOptions options, DateTimeOffset now, double jitter)
    {
        var noted = row with
        {
            Trouble = seen.Words,
            TroubleAt = now,
            AnswerLost = row.AnswerLost || (source == "refresh" && policy.Rotates && seen.IsLost),
        };
        return diagnosis.Then switch
        {
            Diagnosis.Passing => new(noted with { Failures = row.Failures + 1, DueAt = now + Wait(row.Failures, seen.RetryAfter, options, jitter) }, null, CountsAsFailed: false),
            Diagnosis.OurFault => new(noted with { DueAt = now + options.OursAgain }, null, CountsAsFailed: false),
            Diagnosis.NothingThere => new(noted.Rested(), null, CountsAsFailed: false),
            Diagnosis.NeedsRefresh => new(noted with { RejectedVersion = row.Version, DueAt = now }, null, CountsAsFailed: false),
            Diagnosis.Ended => Believe(noted, source, seen, diagnosis, Proof.AskedTwice, null, Confidence.Confirmed, isHolding, options, now, jitter),
            Diagnosis.Dead dead => Believe(noted, source, seen, diagnosis, dead.Proof, dead.Reason, dead.Confidence, isHolding, options, now, jitter),
            _ => throw new InvalidOperationException($"No rule for {diagnosis.Then.GetType().Name}."),
        };
    }

    private static Weighed Believe(
        UpkeepRow row, string source, Observation seen, DiagnosisRow diagnosis, Proof proof, string? reason, string confidence, bool isHolding, UpkeepOptions options, DateTimeOffset now, double jitter)
    {
        if (row.State != UpkeepState.Green)
        {
            return StillGone(row, reason, confidence, seen, source, diagnosis.Id, options, now);
        }

        // Only what says the same again counts on; something else begins anew.
        var suspicion = row.Suspicion is { } open && open.Rule == diagnosis.Id
            ? open with { Asks = open.Asks + 1, Code = seen.Words }
            : new Suspicion(diagnosis.Id, source == "api" ? "probe" : source, seen.Words, now, 1);
        var asked = options.For(proof);
        var isFirst = suspicion.Asks == 1;
        if (suspicion.Asks < asked.Asks || now - suspicion.Since < asked.Over)
        {
            var step = asked.Over / Math.Max(1, asked.Asks - 1);
            return new(row with { Suspicion = suspicion, DueAt = now + (step * (1 + (0.1 * jitter))) }, null, isFirst || row.IsHeld);
        }

        if (isHolding)
        {
            return new(row with { Suspicion = suspicion, IsHeld = true, DueAt = now + (options.RetryLongest * (0.5 + (0.5 * jitter))) }, null, isFirst || row.IsHeld);
        }

        var evidence = new Evidence(source, seen.Words, now, confidence, diagnosis.Id);
        return reason is null
            ? new(null, new UpkeepChange.Expired(evidence), isFirst)
            : Gone(row, reason, evidence, now, options) with { CountsAsFailed = isFirst };
    }

    // Asked again after the loss. Words that say more than was known are told; silence ends with the tokens being dropped.
    private static Weighed StillGone(UpkeepRow row, string? reason, string confidence, Observation seen, string source, string rule, UpkeepOptions options, DateTimeOffset now)
    {
        if (row.State == UpkeepState.Suspended && reason is InvalidReason.AccountDeleted or InvalidReason.Revoked && confidence == Confidence.Confirmed)
        {
            return new(null, new UpkeepChange.Lost(reason, new(source, seen.Words, now, confidence, rule)), CountsAsFailed: false);
        }

        var patience = row.State == UpkeepState.Suspended ? options.SuspendedFor : options.RecoveryFor;
        return now - (row.LostAt ?? now) >= patience
            ? new(null, null, CountsAsFailed: false)
            : new(row with { DueAt = now + options.RecoveryEvery }, null, CountsAsFailed: false);
    }

    private static Weighed Gone(UpkeepRow row, string reason, Evidence evidence, DateTimeOffset now, UpkeepOptions options)
    {
        var state = reason == InvalidReason.AccountSuspended ? UpkeepState.Suspended
            : evidence.Confidence == Confidence.Inferred || reason == InvalidReason.PermissionRemoved ? UpkeepState.Lost
            : (UpkeepState?)null;
        var kept = state is { } open
            ? row with { State = open, LostAt = now, Suspicion = null, IsHeld = false, RejectedVersion = null, ClockAt = null, DueAt = now + options.RecoveryEvery }
            : null;
        return new(kept, new UpkeepChange.Lost(reason, evidence), CountsAsFailed: false);
    }

    private static TimeSpan Wait(int failures, TimeSpan? asked, UpkeepOptions options, double jitter)
    {
        var longest = options.RetryFirst * Math.Pow(2, Math.Min(failures, 20));
        var wait = (longest < options.RetryLongest ? longest : options.RetryLongest) * jitter;
        return asked > wait ? asked.Value : wait;
    }
}
