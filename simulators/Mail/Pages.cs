using System.Text.Encodings.Web;

namespace Mail;

/// <summary>The frame around every page.</summary>
internal static class Pages
{
    public static string Text(string? text) => HtmlEncoder.Default.Encode(text ?? "");

    public static string Time(DateTimeOffset time, DateTimeOffset now)
    {
        var age = now - time;
        var words = age switch
        {
            { TotalSeconds: < 60 } => "just now",
            { TotalMinutes: < 60 } => $"{age.TotalMinutes:0} min ago",
            { TotalHours: < 24 } => $"{age.TotalHours:0} h ago",
            _ => $"{time:yyyy-MM-dd HH:mm}",
        };
        return $"<time datetime=\"{time:O}\" title=\"{time:yyyy-MM-dd HH:mm:ss} UTC\">{words}</time>";
    }

    public static IResult Page(string title, string body, int status = StatusCodes.Status200OK) =>
        TypedResults.Content(Frame(title, body), "text/html; charset=utf-8", statusCode: status);

    private static string Frame(string title, string body) => $$"""
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <title>{{Text(title)}} · Mail simulator</title>
          <link rel="icon" href="data:,">
          <style>
            :root { color-scheme: light dark;
              --ink: #1b1b2f; --soft: #5d5f78; --line: #e2e3ee; --card: #fff; --ground: #f3f2fa; --accent: #5b4bd6; }
            @media (prefers-color-scheme: dark) {
              :root { --ink: #ececf6; --soft: #a9abc4; --line: #35364d; --card: #20212f; --ground: #15161f; --accent: #a79bff; }
            }
            * { box-sizing: border-box; }
            body { margin: 0; min-height: 100vh; padding: 2rem 1rem; color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif;
              background: radial-gradient(60rem 30rem at 15% -10%, color-mix(in srgb, var(--accent) 22%, transparent), transparent), var(--ground); }
            main { width: min(100%, 68rem); margin: 0 auto; padding: 1.6rem 2rem; background: var(--card); border: 1px solid var(--line); border-radius: 18px;
              box-shadow: 0 20px 50px -25px rgb(30 20 90 / .35); }
            h1 { font-size: 1.6rem; line-height: 1.2; margin: 0; letter-spacing: -.01em; }
            h1 small { font-size: .85rem; font-weight: 600; vertical-align: middle; background: color-mix(in srgb, var(--accent) 14%, transparent);
              color: var(--accent); border-radius: 99px; padding: .15rem .6rem; }
            h2 { font-size: .78rem; text-transform: uppercase; letter-spacing: .08em; color: var(--soft); margin: 1.6rem 0 .6rem; }
            a { color: var(--accent); }
            .note { margin: 0 0 1.2rem; display: flex; gap: .6rem; align-items: center; font-size: .85rem; color: var(--soft); }
            .note b { background: #ffe08a; color: #3d2c00; padding: .1rem .55rem; border-radius: 99px; }
            .bar { display: flex; flex-wrap: wrap; gap: 1rem; justify-content: space-between; align-items: center; margin-bottom: 1rem; }
            input { font: inherit; color: inherit; width: 100%; padding: .5rem .9rem;
              border: 1px solid var(--line); border-radius: 99px; background: var(--ground); }
            form { flex: 0 1 22rem; }
            input:focus-visible { outline: 3px solid color-mix(in srgb, var(--accent) 40%, transparent); border-color: var(--accent); }
            .mail { list-style: none; margin: 0 -2rem; padding: 0; border-top: 1px solid var(--line); }
            .mail a { display: grid; grid-template-columns: 17rem 1fr auto 7rem; gap: 1rem; padding: .75rem 2rem;
              text-decoration: none; color: inherit; border-bottom: 1px solid var(--line); }
            .mail a:hover, .mail a:focus-visible { background: color-mix(in srgb, var(--accent) 8%, transparent); outline: none; }
            .mail span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
            .to { font-weight: 600; }
            .from, time { color: var(--soft); font-size: .9rem; }
            .mail time { text-align: right; }
            @media (max-width: 48rem) { .mail a { grid-template-columns: 1fr auto; } .subject { grid-row: 2; } .from { grid-row: 2; } }
            .empty { text-align: center; padding: 3rem 1rem; color: var(--soft); }
            .big { font-size: 1.25rem; color: var(--ink); margin: 0; }
            .warning { background: #ffe6d9; color: #7a2600; border-radius: 12px; padding: .6rem 1rem; }
            .pager { display: flex; gap: 1rem; justify-content: center; padding-top: 1rem; color: var(--soft); }
            .back { margin: 0 0 .6rem; }
            .envelope { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 1rem 0; }
            dt { color: var(--soft); }
            dd { margin: 0; overflow-wrap: anywhere; }
            iframe { width: 100%; height: 28rem; border: 1px solid var(--line); border-radius: 12px; background: #fff; resize: vertical; }
            .text { font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--ground); border-radius: 12px;
              padding: 1rem 1.2rem; margin: 0; }
            details { margin-top: 1.6rem; }
            summary { cursor: pointer; color: var(--soft); font-weight: 600; }
            .headers { border-collapse: collapse; font-size: .85rem; margin: .8rem 0; }
            .headers th { text-align: left; vertical-align: top; padding: .2rem 1rem .2rem 0; color: var(--soft); white-space: nowrap; }
            .headers td { overflow-wrap: anywhere; font-family: ui-monospace, "DejaVu Sans Mono", monospace; }
          </style>
        </head>
        <body><main><p class="note"><b>Simulator</b> Mail sent here goes nowhere else.</p>{{body}}</main></body>
        </html>
        """;
}
