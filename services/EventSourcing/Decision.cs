namespace EventSourcing;

/// <summary>What a <c>Decide</c> answers: facts to record, nothing because it is already so, or a refusal with a stable code.</summary>
public abstract record Decision
{
    /// <summary>It is already so: nothing is recorded and the caller is told it succeeded.</summary>
    public static Decision Nothing { get; } = new Unchanged();

    /// <summary>These facts, in this order.</summary>
    public static Decision Of(params IReadOnlyList<object> events) => new Recorded([.. events]);

    /// <summary>The state does not allow it (409).</summary>
    public static Decision Refuse(string code, string detail) => new Refused(RefusalKind.WrongState, code, detail, null);

    /// <summary>There is no such thing in this organization (404).</summary>
    public static Decision Unknown(string code, string detail) => new Refused(RefusalKind.Unknown, code, detail, null);

    /// <summary>A value cannot be accepted (422); <paramref name="field"/> is its name as the caller wrote it.</summary>
    public static Decision Invalid(string field, string code, string detail) => new Refused(RefusalKind.InvalidValue, code, detail, field);

    /// <summary>Facts to append.</summary>
    public sealed record Recorded(IReadOnlyList<object> Events) : Decision
    {
        /// <summary>Two decisions are equal when they record equal facts in the same order.</summary>
        public bool Equals(Recorded? other) => other is not null && Events.SequenceEqual(other.Events);

        /// <inheritdoc/>
        public override int GetHashCode() => Events.Aggregate(0, HashCode.Combine);
    }

    /// <summary>Already so.</summary>
    public sealed record Unchanged : Decision;

    /// <summary>Refused: nothing is saved.</summary>
    public sealed record Refused(RefusalKind Kind, string Code, string Detail, string? Field) : Decision;
}

/// <summary>Why something was refused; decides the HTTP status and nothing else.</summary>
public enum RefusalKind
{
    /// <summary>409.</summary>
    WrongState,

    /// <summary>404.</summary>
    Unknown,

    /// <summary>422.</summary>
    InvalidValue,

    /// <summary>412: the caller's version is not the current one.</summary>
    LostRace,
}
