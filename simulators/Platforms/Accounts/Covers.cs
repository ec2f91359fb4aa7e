using System.Globalization;
using Microsoft.Net.Http.Headers;

namespace Platforms.Accounts;

/// <summary>The picture of a post, drawn from its id. An address may carry its own end, as those of real platforms do.</summary>
public static class Covers
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/covers/{platform}/{id}.svg", Handle);

    public static string Of(HttpRequest request, string platform, string id, DateTimeOffset? until = null) =>
        Wire.With($"{Wire.Origin(request)}/covers/{platform}/{id}.svg", ("x-expires", until?.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));

    private static IResult Handle(string platform, string id, HttpRequest request, HttpResponse response, PlatformClock clock)
    {
        if (long.TryParse(request.Query["x-expires"], out var end) && end <= clock.GetUtcNow().ToUnixTimeSeconds())
        {
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        }

        var hue = new Plausible(platform, id).Between("hue", 0, 360);
        response.Headers[HeaderNames.CacheControl] = "public, max-age=3600";
        return Results.Content(
            $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 128" width="96" height="128" role="img" aria-label="A post">
              <rect width="96" height="128" fill="hsl({hue} 55% 62%)"/>
              <circle cx="{30 + hue % 36}" cy="52" r="{18 + hue % 17}" fill="hsl({(hue + 40) % 360} 70% 78%)"/>
              <path d="M0 96 L{20 + hue % 50} 66 L96 104 V128 H0 Z" fill="hsl({(hue + 200) % 360} 40% 38%)"/>
            </svg>
            """,
            "image/svg+xml");
    }
}
