using Microsoft.AspNetCore.Http.HttpResults;

namespace Connections.Hub;

/// <summary>Pages of the Hub. None may be cached, framed or leak its address onwards.</summary>
internal static class HubResponse
{
    public static RazorComponentResult Page<TPage>(HttpContext http, int status, IReadOnlyDictionary<string, object?> parameters)
        where TPage : Microsoft.AspNetCore.Components.IComponent
    {
        Guard(http);
        return new RazorComponentResult(typeof(TPage), parameters) { StatusCode = status, PreventStreamingRendering = true };
    }

    public static RazorComponentResult Message(HttpContext http, int status, string title, string text) =>
        Page<HubMessage>(http, status, new Dictionary<string, object?> { [nameof(HubMessage.Title)] = title, [nameof(HubMessage.Text)] = text });

    public static RazorComponentResult NoSession(HttpContext http) => Message(
        http, StatusCodes.Status401Unauthorized, "Please open your invitation again", "Your visit is over, or it began in another browser. The link in the message you received brings you back.");

    public static SeeOther To(HttpContext http, string location)
    {
        Guard(http);
        return new(location);
    }

    /// <summary>The headers of everything the Hub answers.</summary>
    public static void Guard(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https: http://localhost:* http://127.0.0.1:*; frame-ancestors 'none'; base-uri 'none'";
    }
}

/// <summary>303: go on with a GET. The framework's redirects keep the method or leave it open.</summary>
internal sealed class SeeOther(string location) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        httpContext.Response.Headers.Location = location;
        return Task.CompletedTask;
    }
}
