namespace Connections.Platforms;

/// <summary>What a failure means for the authorization.</summary>
public abstract record Diagnosis
{
    /// <summary>Its end of life passed.</summary>
    public static Diagnosis Expired { get; } = new Ended();

    /// <summary>Passing: wait and ask again. Never a word about the status.</summary>
    public static Diagnosis Transient { get; } = new Passing(WholeApp: false);

    /// <summary>Passing, and for every account of our app at once.</summary>
    public static Diagnosis AppThrottled { get; } = new Passing(WholeApp: true);

    /// <summary>Our configuration or our request is at fault, not the creator.</summary>
    public static Diagnosis Ours { get; } = new OurFault();

    /// <summary>The object has no such data, or is gone. The authorization is well.</summary>
    public static Diagnosis NoData { get; } = new NothingThere();

    /// <summary>The access token is no good; a refresh decides what that means.</summary>
    public static Diagnosis RefreshFirst { get; } = new NeedsRefresh();

    /// <summary>It died early.</summary>
    public static Diagnosis Invalid(string reason, string confidence = Platforms.Confidence.Confirmed, Proof proof = Proof.AskedTwice) => new Dead(reason, confidence, proof);

    /// <summary>The account is locked for now: tokens are kept, and it may heal.</summary>
    public static Diagnosis Suspended(Proof proof = Proof.AskedTwice) => new Dead(InvalidReason.AccountSuspended, Platforms.Confidence.Confirmed, proof);

    public sealed record Ended : Diagnosis;

    public sealed record Passing(bool WholeApp) : Diagnosis;

    public sealed record OurFault : Diagnosis;

    public sealed record NothingThere : Diagnosis;

    public sealed record NeedsRefresh : Diagnosis;

    /// <param name="Reason">A word of <see cref="InvalidReason"/>.</param>
    /// <param name="Confidence">A word of <see cref="Platforms.Confidence"/>.</param>
    /// <param name="Proof">How often the platform has to say so before it is believed.</param>
    public sealed record Dead(string Reason, string Confidence, Proof Proof) : Diagnosis;
}

/// <summary>How sure a diagnosis is.</summary>
public static class Confidence
{
    /// <summary>The platform said so.</summary>
    public const string Confirmed = "confirmed";

    /// <summary>It follows from what the platform answered.</summary>
    public const string Inferred = "inferred";
}

/// <summary>How much it takes before a failure changes anything. Bad moments of a platform look like dead authorizations: none is believed at once.</summary>
public enum Proof
{
    /// <summary>Said again a little later.</summary>
    AskedTwice,

    /// <summary>The words fit other causes too: said at every one of several probes spread over an hour.</summary>
    ProbedRepeatedly,
}

/// <summary>What we know of the authorization when a failure is read.</summary>
/// <param name="Now">The moment of the failure (UTC).</param>
/// <param name="EndsAt">Known end of life; null where none was named.</param>
/// <param name="RenewedAt">When tokens were last issued.</param>
/// <param name="GrantedAt">When the creator authorized.</param>
/// <param name="AnswerLost">An earlier refresh was sent and its answer never seen.</param>
/// <param name="RefreshedSince">The access token was refused before, and has been refreshed since.</param>
public sealed record TokenFacts(
    DateTimeOffset Now, DateTimeOffset? EndsAt = null, DateTimeOffset? RenewedAt = null, DateTimeOffset? GrantedAt = null, bool AnswerLost = false, bool RefreshedSince = false)
{
    public bool IsPastEnd => EndsAt <= Now;
}

/// <summary>One row of a platform's decision table.</summary>
/// <param name="Id">Names the row in evidence, logs and tests.</param>
/// <param name="When">Does it apply? Rows are tried in order, the first that applies decides.</param>
/// <param name="Then">What it means.</param>
public sealed record DiagnosisRow(string Id, Func<Observation, TokenFacts, bool> When, Diagnosis Then);

/// <summary>A platform's failures and what they mean, as data.</summary>
public sealed class DiagnosisTable(params IReadOnlyList<DiagnosisRow> rows)
{
    private static readonly DiagnosisRow[] Always =
    [
        new("any/outage", (seen, _) => seen.IsOutage, Diagnosis.Transient),

        // What nobody has described is looked at by people; it never costs a creator the connection.
        new("any/unknown", (_, _) => true, Diagnosis.Ours),
    ];

    /// <summary>Every row, in the order in which they are tried.</summary>
    public IReadOnlyList<DiagnosisRow> Rows { get; } = [.. rows, .. Always];

    /// <summary>The row that applies.</summary>
    public DiagnosisRow Of(Observation seen, TokenFacts facts) => Rows.First(row => row.When(seen, facts));
}
