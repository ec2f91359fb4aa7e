using System.Threading.RateLimiting;
using EventSourcing;

namespace Outreach.Pages;

/// <summary>
/// Bounds how often one link may be used. Counted per link and not per caller's address: mail providers unsubscribe for millions from a few
/// addresses, and a made-up link costs no more than the check of its signature.
/// </summary>
internal static class PageRateLimit
{
    public const string Policy = "page";

    public static void AddPageRateLimit(this IServiceCollection services) => services.AddRateLimiter(limiter =>
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = async (context, _) =>
        {
            context.HttpContext.Response.Headers.RetryAfter = "60";
            await Problems.Of(StatusCodes.Status429TooManyRequests, "page.too-many", "Too many attempts. Wait a minute and try again.").ExecuteAsync(context.HttpContext);
        };
        limiter.AddPolicy(Policy, http => RateLimitPartition.GetFixedWindowLimiter(
            http.Request.Path.Value ?? "", _ => new() { PermitLimit = 30, Window = TimeSpan.FromMinutes(1) }));
    });
}
