namespace Platforms.Accounts;

public enum TroubleKind
{
    Suspended,

    /// <summary>The person has to log in and prove who they are.</summary>
    Checkpointed,

    Deleted,
}

/// <summary>Why an account cannot be used though its tokens live. When it is lifted, they work again.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Since">When.</param>
/// <param name="Code">The code calls are answered with.</param>
/// <param name="Subcode">Its subcode, where the platform has them.</param>
/// <param name="Refreshes">Whether refresh tokens still bring access tokens.</param>
public sealed record Trouble(TroubleKind Kind, DateTimeOffset Since, string Code, string? Subcode = null, bool Refreshes = false);
