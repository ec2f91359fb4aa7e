using System.Net;
using Microsoft.Net.Http.Headers;

namespace Platforms.Accounts;

/// <summary>The profile picture: initials on a gradient, drawn here so that no page needs the internet.</summary>
public static class Avatars
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/avatars/{platform}/{handle}.svg", Handle);

    public static string Of(HttpRequest request, Account account) => Wire.Origin(request) + PathOf(account);

    public static string PathOf(Account account) => $"/avatars/{account.Platform}/{account.Handle}.svg";

    private static IResult Handle(string platform, string handle, HttpResponse response)
    {
        var look = new Plausible(platform, handle);
        var initials = string.Concat(look.Name.Split(' ').Take(2).Select(w => w[..1])).ToUpperInvariant();
        var hue = look.Between("hue", 0, 360);
        response.Headers[HeaderNames.CacheControl] = "public, max-age=86400";
        return Results.Content(
            $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" width="96" height="96" role="img" aria-label="{WebUtility.HtmlEncode(look.Name)}">
              <linearGradient id="g" x1="0" y1="0" x2="1" y2="1">
                <stop offset="0" stop-color="hsl({hue} 68% 46%)"/>
                <stop offset="1" stop-color="hsl({(hue + 50) % 360} 72% 34%)"/>
              </linearGradient>
              <rect width="96" height="96" rx="48" fill="url(#g)"/>
              <text x="48" y="60" text-anchor="middle" font-family="system-ui, sans-serif" font-size="36" fill="#fff">{WebUtility.HtmlEncode(initials)}</text>
            </svg>
            """,
            "image/svg+xml");
    }
}
