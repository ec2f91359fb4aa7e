using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ServiceDefaults;

/// <summary>How often one caller may ask one replica. Section <c>RateLimit</c>.</summary>
public sealed class QuotaOptions : IValidatableObject
{
    public const string Section = "RateLimit";

    /// <summary>Is anybody counted at all?</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>So many requests at once, after a pause of <see cref="Window"/>; and so many in each window of it, by those who never pause.</summary>
    [Range(1, 100_000_000)]
    public int Requests { get; init; } = 60_000;

    /// <summary>The time in which the quota is filled again, steadily. Whole seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Another number of <see cref="Requests"/> for some clients, by their id.</summary>
    public Dictionary<string, int> Clients { get; init; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Clients.Values.Any(requests => requests < 1))
        {
            yield return new("RateLimit:Clients: a client's requests are a number from 1 on.", [nameof(Clients)]);
        }

        if (Window.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            yield return new("RateLimit:Window must be whole seconds: the headers know no others.", [nameof(Window)]);
        }
    }
}

/// <summary>
/// Counts the requests of each organization's client, and of each person through it, and tells how many are left: in every answer to a token, as the draft
/// <see href="https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/">RateLimit header fields for HTTP</see> says. Counted per replica: what is shared over all of
/// them would be a question to a database before every answer.
/// </summary>
/// <remarks>What asks for no token is not counted: probes, descriptions, pages of creators, which have limits of their own, and notices of platforms, which must get in.</remarks>
internal sealed class RequestQuota : IDisposable
{
    internal const string PolicyHeader = "RateLimit-Policy";
    internal const string Header = "RateLimit";
    internal const string Policy = "client";

    private const string AnyOrganizationScope = "organizations.any";

    // Ids of clients are short. What is not is nobody's, and must not fill the memory.
    private const int LongestName = 128;

    private readonly QuotaOptions options;
    private readonly PartitionedRateLimiter<Caller> limiter;

    public RequestQuota(IOptions<QuotaOptions> bound)
    {
        options = bound.Value;

        // Filled all the time and not once in a window: who waited does not come back in one wave with all others who did.
        limiter = PartitionedRateLimiter.Create<Caller, Caller>(one => RateLimitPartition.GetTokenBucketLimiter(one, caller => new()
        {
            TokenLimit = RequestsOf(caller),
            TokensPerPeriod = RequestsOf(caller),
            ReplenishmentPeriod = options.Window,
            QueueLimit = 0,
        }));
    }

    public RequestDelegate Before(RequestDelegate next) => options.Enabled ? http => IsCounted(http) ? Admit(http, next) : next(http) : next;

    public void Dispose() => limiter.Dispose();

    private static bool IsCounted(HttpContext http) =>
        http.User.Identity is { IsAuthenticated: true } && http.GetEndpoint() is RouteEndpoint endpoint && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null;

    private int RequestsOf(Caller caller) => options.Clients.TryGetValue(caller.Client, out var own) ? own : options.Requests;

    private Task Admit(HttpContext http, RequestDelegate next)
    {
        var caller = Caller.Of(http);
        using var lease = limiter.AttemptAcquire(caller);
        var (requests, window) = (RequestsOf(caller), (long)options.Window.TotalSeconds);
        var left = lease.IsAcquired ? limiter.GetStatistics(caller)?.CurrentAvailablePermits ?? 0 : 0;
        var nextOneIn = Math.Max(1, (long)Math.Ceiling((double)window / requests));

        // At the last moment: whoever answers for a fault empties the headers first.
        http.Response.OnStarting(static state =>
        {
            var (response, policy, now) = ((HttpResponse, string, string))state;
            (response.Headers[PolicyHeader], response.Headers[Header]) = (policy, now);
            return Task.CompletedTask;
        }, (http.Response, string.Create(CultureInfo.InvariantCulture, $"\"{Policy}\";q={requests};w={window}"), string.Create(CultureInfo.InvariantCulture, $"\"{Policy}\";r={left};t={nextOneIn}")));
        if (lease.IsAcquired)
        {
            return next(http);
        }

        http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        http.Response.Headers.RetryAfter = nextOneIn.ToString(CultureInfo.InvariantCulture);
        return Task.CompletedTask;
    }

    /// <summary>Whose quota it is. A client that acts for several organizations has one for each.</summary>
    private readonly record struct Caller(string Organization, string Client, string Person)
    {
        public static Caller Of(HttpContext http)
        {
            // As it is decided for whom a request acts: only who may act for any is believed whom they name, or a caller could make up a quota with every request.
            var claimed = http.User.FindFirst("organization")?.Value ?? "";
            var named = http.User.HasScope(AnyOrganizationScope) ? http.Request.Headers["X-Organization"].ToString() : "";
            return new(
                Short(named.Length > 0 ? named : claimed), Short(http.User.FindFirst("client_id")?.Value ?? http.User.FindFirst("azp")?.Value ?? ""), Short(http.User.FindFirst("sub")?.Value ?? ""));
        }

        private static string Short(string name) => name.Length <= LongestName ? name : "";
    }
}

/// <summary>The quota in the pipeline.</summary>
internal static class RequestQuotas
{
    public static void AddRequestQuota(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<QuotaOptions>().BindConfiguration(QuotaOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<RequestQuota>();
    }

    /// <summary>Behind authentication, which says who asks, and before authorization: who asks for what they may not have is counted too.</summary>
    public static void UseRequestQuota(this IApplicationBuilder app) => app.Use(next => app.ApplicationServices.GetRequiredService<RequestQuota>().Before(next));
}
