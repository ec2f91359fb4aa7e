namespace Connections.Platforms;

/// <summary>A failure as the platform put it, without a word that could hold a secret or a name: codes, status, and how long to wait.</summary>
/// <param name="Code">The platform's own code, or <see cref="Unreachable"/>, <see cref="Malformed"/>.</param>
/// <param name="Subcode">Its finer code, where it has one (Meta's error_subcode, Google's error_subtype).</param>
/// <param name="Status">HTTP status; null when there was no answer.</param>
/// <param name="Mark">A word of the adapter's own for what only the message tells, such as <c>account-deleted</c>.</param>
/// <param name="RetryAfter">How long the platform asks to wait.</param>
public sealed record Observation(string Code, string? Subcode = null, int? Status = null, string? Mark = null, TimeSpan? RetryAfter = null)
{
    public const string Unreachable = "unreachable";
    public const string Malformed = "malformed";

    /// <summary>Code and subcode as people quote them: <c>190/463</c>.</summary>
    public string Words => Subcode is null ? Code : $"{Code}/{Subcode}";

    /// <summary>The network failed, the server did, or it asked for patience: by the status alone nothing is said about the authorization.</summary>
    public bool IsOutage => Code == Unreachable || Status is null or 408 or 429 or >= 500;

    /// <summary>Nobody knows whether the platform did what it was asked: the answer never came.</summary>
    public bool IsLost => Code == Unreachable;
}
