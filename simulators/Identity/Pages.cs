using System.Text.Encodings.Web;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.WebUtilities;

namespace Identity;

/// <summary>The frame around every page, with the word that nothing here is real.</summary>
internal static class Pages
{
    public static string Text(string? text) => HtmlEncoder.Default.Encode(text ?? "");

    public static IResult Page(string title, string body, int status = StatusCodes.Status200OK, bool wide = false) =>
        TypedResults.Content(Frame(title, body, wide), "text/html; charset=utf-8", statusCode: status);

    /// <summary>A refusal that happens in front of a person, in a page; one of an API call stays as OpenIddict wrote it.</summary>
    public static Task Problem(StatusCodeContext context)
    {
        var http = context.HttpContext;
        var refused = http.GetOpenIddictServerResponse();
        var page = Frame("Refused", $"""
            <h1>{Text(ReasonPhrases.GetReasonPhrase(http.Response.StatusCode))}</h1>
            <p>{Text(refused?.ErrorDescription ?? "There is nothing here.")}</p>
            {(refused?.Error is { } error ? $"<p><code>{Text(error)}</code></p>" : "")}
            """, wide: false);
        http.Response.ContentType = "text/html; charset=utf-8";
        return http.Response.WriteAsync(page);
    }

    private static string Frame(string title, string body, bool wide) => $$"""
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <title>{{Text(title)}} · Identity simulator</title>
          <link rel="icon" href="data:,">
          <style>
            :root { color-scheme: light dark;
              --ink: #1b1b2f; --soft: #5d5f78; --line: #e2e3ee; --card: #fff; --ground: #f3f2fa; --accent: #5b4bd6; }
            @media (prefers-color-scheme: dark) {
              :root { --ink: #ececf6; --soft: #a9abc4; --line: #35364d; --card: #20212f; --ground: #15161f; --accent: #a79bff; }
            }
            * { box-sizing: border-box; }
            body { margin: 0; min-height: 100vh; display: grid; place-content: center; justify-items: center; padding: 2rem 1rem; color: var(--ink);
              font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif;
              background: radial-gradient(60rem 30rem at 15% -10%, color-mix(in srgb, var(--accent) 22%, transparent), transparent), var(--ground); }
            main { width: min(100vw - 2rem, {{(wide ? "64rem" : "30rem")}}); background: var(--card); border: 1px solid var(--line); border-radius: 18px;
              padding: 2rem;              box-shadow: 0 20px 50px -25px rgb(30 20 90 / .35); }
            h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .4rem; letter-spacing: -.01em; }
            h2 { font-size: .78rem; text-transform: uppercase; letter-spacing: .08em; color: var(--soft); margin: 1.6rem 0 .6rem; }
            p { margin: .2rem 0 .8rem; color: var(--soft); }
            a { color: var(--accent); }
            .note { margin: 0 0 1.5rem; display: flex; gap: .6rem; align-items: center; font-size: .85rem; color: var(--soft); }
            .note b { background: #ffe08a; color: #3d2c00; padding: .1rem .55rem; border-radius: 99px; white-space: nowrap; }
            .people { display: grid; gap: .6rem; }
            button { font: inherit; color: inherit; text-align: left;
              display: flex; align-items: center; gap: .9rem; width: 100%;
              padding: .7rem .9rem; cursor: pointer;
              background: transparent; border: 1px solid var(--line); border-radius: 12px; transition: border-color .12s, transform .12s, background .12s; }
            button:hover, button:focus-visible { border-color: var(--accent); background: color-mix(in srgb, var(--accent) 8%, transparent);
              outline: none; transform: translateY(-1px); }
            button:focus-visible { box-shadow: 0 0 0 3px color-mix(in srgb, var(--accent) 40%, transparent); }
            .face { flex: none; width: 2.6rem; height: 2.6rem; border-radius: 50%; display: grid; place-content: center; font-weight: 600; color: #fff;
              background: hsl(var(--hue) 50% 42%); }
            .who { flex: 1; display: grid; line-height: 1.3; }
            small { color: var(--soft); }
            .role { font-size: .8rem; font-weight: 600; padding: .15rem .65rem; border-radius: 99px; background: #e6e6f0; color: #3a3b52; }
            .role.manager { background: #dcd7ff; color: #372a9c; }
            .role.admin { background: #ffd9d2; color: #8a2412; }
            .scroll { overflow-x: auto; }
            table { border-collapse: collapse; width: 100%; font-size: .92rem; }
            th { text-align: left; color: var(--soft); font-weight: 600; }
            th, td { padding: .55rem .8rem .55rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
            code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .9em; }
            .scope { display: inline-block; font-size: .8rem; border-radius: 6px; padding: 0 .4rem; margin: .1rem 0;
              background: color-mix(in srgb, var(--accent) 12%, transparent); }
          </style>
        </head>
        <body><main><p class="note"><b>Simulator</b> For development only. Nobody here is real and nothing is protected.</p>{{body}}</main></body>
        </html>
        """;
}
