using System.Threading.RateLimiting;
using EventSourcing;

namespace Connections.Hub;

/// <summary>Bounds how often one visit may start or finish a connection, so that nobody can be walked through consent pages by a loop.</summary>
internal static class HubRateLimit
{
    public const string Policy = "hub";

    public static void AddHubRateLimit(this IServiceCollection services) => services.AddRateLimiter(limiter =>
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = async (context, _) =>
        {
            context.HttpContext.Response.Headers.RetryAfter = "60";
            await Problems.Of(StatusCodes.Status429TooManyRequests, "hub.too-many", "Too many attempts. Wait a minute and try again.").ExecuteAsync(context.HttpContext);
        };
        limiter.AddPolicy(Policy, http => RateLimitPartition.GetFixedWindowLimiter(
            http.Request.Cookies[HubSession.Cookie] ?? http.Connection.RemoteIpAddress?.ToString() ?? "",
            _ => new() { PermitLimit = 30, Window = TimeSpan.FromMinutes(1) }));
    });
}
