using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EventSourcing;

/// <summary>Bounds how often anybody may use a page that asks for no token.</summary>
public static class RequestLimits
{
    private const int PerMinute = 30;

    /// <summary>A policy of 30 requests a minute for each of those that <paramref name="counted"/> tells apart; more are 429 with Retry-After.</summary>
    /// <param name="services">The service's.</param>
    /// <param name="policy">Name of the policy, for the routes that require it.</param>
    /// <param name="code">The refusal's stable code.</param>
    /// <param name="counted">Who or what is counted.</param>
    public static void AddRequestLimit(this IServiceCollection services, string policy, string code, Func<HttpContext, string> counted) => services.AddRateLimiter(limiter =>
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = async (context, _) =>
        {
            context.HttpContext.Response.Headers.RetryAfter = "60";
            await Problems.Of(StatusCodes.Status429TooManyRequests, code, "Too many attempts. Wait a minute and try again.").ExecuteAsync(context.HttpContext);
        };
        limiter.AddPolicy(policy, http => RateLimitPartition.GetFixedWindowLimiter(counted(http), _ => new() { PermitLimit = PerMinute, Window = TimeSpan.FromMinutes(1) }));
    });
}
