using System.Text.Encodings.Web;

namespace Outreach.Pages;

/// <summary>What a recipient sees who follows the link to unsubscribe: plain HTML without scripts. None of it may be cached, framed or leak its address onwards.</summary>
internal static class UnsubscribePage
{
    /// <summary>What the recipient gets now decides what is offered.</summary>
    public static IResult Choice(HttpContext http, string organization, string campaign, bool isOutOfAll, bool isOutOfCampaign, bool isBack) =>
        (isOutOfAll, isOutOfCampaign) switch
        {
            (true, _) => Page(http, 200, "You are unsubscribed", $"""
                <p class="lead" role="status">You get no more mail from <strong>{Text(organization)}</strong> through Creator Connections.</p>
                {Form("undo", "I changed my mind", isMain: false)}
                """),
            (_, true) => Page(http, 200, "You are unsubscribed", $"""
                <p class="lead" role="status">You get no more mail about <strong>{Text(campaign)}</strong>.</p>
                <p>Other campaigns of {Text(organization)} may still write to you.</p>
                {Form("organization", $"Stop everything from {organization}", isMain: true)}
                {Form("undo", "I changed my mind", isMain: false)}
                """),
            _ => Page(http, 200, isBack ? "Welcome back" : "Which mail should stop?", $"""
                <p class="lead"{(isBack ? " role=\"status\"" : "")}>{(isBack
                    ? $"You get mail from <strong>{Text(organization)}</strong> again."
                    : $"<strong>{Text(organization)}</strong> wrote to you about <strong>{Text(campaign)}</strong>.")}</p>
                {Form("campaign", $"Stop mail about {campaign}", isMain: !isBack)}
                {Form("organization", $"Stop everything from {organization}", isMain: false)}
                """),
        };

    public static IResult Fault(HttpContext http, LinkFault fault) => fault is LinkFault.Expired
        ? Page(http, StatusCodes.Status410Gone, "This link is too old", "<p class=\"lead\">Use the link in a newer message, or answer the message and say so.</p>")
        : Page(http, StatusCodes.Status404NotFound, "This link does not work",
            "<p class=\"lead\">It may have been cut off on its way. Open it from the message again, or copy the whole of it.</p>");

    public static IResult NothingChosen(HttpContext http) => Page(http, StatusCodes.Status400BadRequest, "Nothing was changed",
        "<p class=\"lead\">The answer held no choice. Go back and choose which mail should stop.</p>");

    private static string Form(string choice, string words, bool isMain) => $"""
        <form method="post"><input type="hidden" name="choice" value="{choice}"><button class="{(isMain ? "main" : "quiet")}">{Text(words)}</button></form>
        """;

    private static string Text(string text) => HtmlEncoder.Default.Encode(text);

    private static IResult Page(HttpContext http, int status, string title, string body)
    {
        var headers = http.Response.Headers;
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
        return TypedResults.Content($$"""
            <!doctype html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <meta name="robots" content="noindex">
              <meta name="color-scheme" content="light dark">
              <title>{{Text(title)}} · Creator Connections</title>
              <link rel="icon" href="data:,">
              <style>
                :root { --ink: #16211f; --soft: #51615d; --line: #dde5e2; --page: #f5f8f7; --card: #fff; --brand: #0f766e; --on-brand: #fff; }
                @media (prefers-color-scheme: dark) {
                  :root { --ink: #eaf1ef; --soft: #a7b6b2; --line: #2d3b38; --page: #101816; --card: #18221f; --brand: #2dd4bf; --on-brand: #062a26; }
                }
                * { box-sizing: border-box; }
                body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--page); color: var(--ink);
                  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
                main { width: min(100%, 30rem); background: var(--card); border: 1px solid var(--line); border-radius: 1rem; padding: 1.4rem 1.6rem 1.6rem; }
                h1 { font-size: 1.5rem; line-height: 1.25; margin: .2rem 0 .4rem; letter-spacing: -.01em; }
                p { margin: .4rem 0; overflow-wrap: anywhere; }
                .lead { color: var(--soft); font-size: 1.04rem; }
                .lead strong { color: var(--ink); }
                form { margin: .9rem 0 0; }
                button { width: 100%; font: inherit; font-weight: 620; color: var(--ink); background: transparent; border: 1px solid var(--line); border-radius: .7rem;
                  padding: .7rem 1.15rem; cursor: pointer; overflow-wrap: anywhere; }
                button.main { background: var(--brand); color: var(--on-brand); border-color: transparent; }
                button:focus-visible { outline: 3px solid color-mix(in srgb, var(--brand) 55%, transparent); outline-offset: 2px; }
              </style>
            </head>
            <body><main><h1>{{Text(title)}}</h1>{{body}}</main></body>
            </html>
            """, "text/html; charset=utf-8", statusCode: status);
    }
}
