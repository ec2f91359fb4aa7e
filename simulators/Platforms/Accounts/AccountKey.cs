using System.Text.RegularExpressions;

namespace Platforms.Accounts;

/// <summary>An account is known by its platform and its handle.</summary>
public readonly partial record struct AccountKey(string Platform, string Handle)
{
    public override string ToString() => $"{Platform}/{Handle}";

    /// <summary>
    /// What a person typed, as the platform stores it: lower case, without @, without the domain of an e-mail address. Null if it cannot be a handle.
    /// </summary>
    public static AccountKey? From(string platform, string? typed)
    {
        var handle = typed?.Trim().TrimStart('@').Split('@')[0].ToLowerInvariant();
        return handle is not null && Handles().IsMatch(handle) ? new(platform, handle) : null;
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9._-]{0,59}$")]
    private static partial Regex Handles();
}
