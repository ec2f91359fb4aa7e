using EventSourcing;

namespace Outreach.Pages;

/// <summary>
/// Bounds how often one link may be used. Counted per link and not per caller's address: mail providers unsubscribe for millions from a few
/// addresses, and a made-up link costs no more than the check of its signature.
/// </summary>
internal static class PageRateLimit
{
    public const string Policy = "page";

    public static void AddPageRateLimit(this IServiceCollection services) => services.AddRequestLimit(Policy, "page.too-many", http => http.Request.Path.Value ?? "");
}
