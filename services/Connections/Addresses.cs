namespace Connections;

internal static class Addresses
{
    /// <summary>To be followed by a path: an origin ends in a slash when it is written out, and nobody knows <c>//token</c>.</summary>
    public static string Root(this Uri address) => address.ToString().TrimEnd('/');
}
