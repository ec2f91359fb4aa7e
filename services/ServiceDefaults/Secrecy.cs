using System.Text.RegularExpressions;

namespace ServiceDefaults;

/// <summary>Cuts out of an address what would let a reader of traces act as somebody else.</summary>
internal static partial class Secrecy
{
    // An invitation link IS the creator's sign-in: whoever reads it in a trace could use it.
    [GeneratedRegex("(?<=^/hub/i/).+", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Invitation();

    // Ids and slugs are short. What is long in a path is a token, or tells nothing.
    [GeneratedRegex("[^/]{65,}")]
    private static partial Regex LongSegment();

    public static string Path(string path) => LongSegment().Replace(Invitation().Replace(path, "{invitation}"), "{redacted}");

    /// <summary>Scheme, host and path: query strings and user info carry codes, states and access tokens.</summary>
    public static string Address(Uri uri) => uri.IsAbsoluteUri ? $"{uri.Scheme}://{uri.Authority}{Path(uri.AbsolutePath)}" : "{relative}";
}
