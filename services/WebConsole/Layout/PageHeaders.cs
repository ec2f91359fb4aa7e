using Microsoft.Extensions.Options;
using WebConsole.SignIn;

namespace WebConsole.Layout;

/// <summary>What every answer tells the browser: load nothing from anywhere else, and let nobody frame the console.</summary>
public static class PageHeaders
{
    public static void UsePageHeaders(this WebApplication app)
    {
        // Signing out is a form whose answer leads to the provider; the browser holds the whole chain against form-action.
        var authority = app.Services.GetRequiredService<IOptions<SignInOptions>>().Value.Authority!.GetLeftPart(UriPartial.Authority);
        var policy = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; object-src 'none'; "
            + $"base-uri 'self'; frame-ancestors 'none'; form-action 'self' {authority}";
        app.Use((http, next) =>
        {
            http.Response.Headers.ContentSecurityPolicy = policy;
            http.Response.Headers.XContentTypeOptions = "nosniff";
            http.Response.Headers["Referrer-Policy"] = "same-origin";
            return next(http);
        });
    }
}
