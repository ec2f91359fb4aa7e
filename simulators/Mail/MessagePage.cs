using System.Text.RegularExpressions;
using MimeKit.Text;

namespace Mail;

/// <summary>One message: what a person would see in their mail program, and what only the program sees.</summary>
internal static partial class MessagePage
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/messages/{id}", (string id, Mailbox mailbox, TimeProvider clock) =>
            mailbox.Find(id) is { } message ? Show(message, clock.GetUtcNow()) : Gone());
        routes.MapGet("/messages/{id}/html", (string id, Mailbox mailbox, HttpContext http) =>
            mailbox.Find(id) is { } message ? Html(message, http) : Gone());
    }

    private static IResult Gone() => Pages.Page("Gone", """
        <div class="empty"><p class="big">This message is not here</p><p>It was deleted, or newer mail took its place. <a href="/">Inbox</a></p></div>
        """, StatusCodes.Status404NotFound);

    private static IResult Show(Message message, DateTimeOffset now)
    {
        var parsed = message.Parse();
        var text = parsed.GetTextBody(TextFormat.Plain);
        var attachments = parsed.Attachments.Select(part => part.ContentDisposition?.FileName ?? part.ContentType.Name ?? part.ContentType.MimeType).ToList();
        return Pages.Page(message.Subject, $"""
            <p class="back"><a href="/">← Inbox</a></p>
            <h1>{Pages.Text(message.Subject.Length > 0 ? message.Subject : "(no subject)")}</h1>
            <dl class="envelope">
              <dt>From</dt><dd>{Pages.Text(parsed.From.ToString())}</dd>
              <dt>To</dt><dd>{Pages.Text(string.Join(", ", message.To))}</dd>
              <dt>Received</dt><dd>{Pages.Time(message.ReceivedAt, now)}</dd>
              {(attachments.Count > 0 ? $"<dt>Attached</dt><dd>{Pages.Text(string.Join(", ", attachments))}</dd>" : "")}
            </dl>
            {(parsed.HtmlBody is null ? "" : $"""
              <section aria-labelledby="html"><h2 id="html">HTML</h2>
              <iframe title="The message as HTML" src="/messages/{message.Id}/html" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe></section>
              """)}
            {(text is null ? "" : $"""
              <section aria-labelledby="text"><h2 id="text">Plain text</h2><pre class="text">{Linked(text)}</pre></section>
              """)}
            <details><summary>Headers</summary><table class="headers">{string.Concat(message.Headers.Select(header =>
                $"<tr><th scope=\"row\">{Pages.Text(header.Field)}</th><td>{Pages.Text(header.Value)}</td></tr>"))}</table>
              <p><a href="/api/messages/{message.Id}/source">Source</a>, {message.Source.Length:N0} bytes,
                envelope sender &lt;{Pages.Text(message.EnvelopeFrom)}&gt;</p>
            </details>
            """);
    }

    // Whatever the message brings along stays caged, opened in the frame or by itself: no script, no form, nothing of this origin. Links open outside.
    private static IResult Html(Message message, HttpContext http)
    {
        http.Response.Headers.ContentSecurityPolicy =
            "sandbox allow-popups allow-popups-to-escape-sandbox; "
            + "default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'; font-src http: https: data:";
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        return TypedResults.Content($"<!doctype html><base target=\"_blank\">{message.Parse().HtmlBody}", "text/html; charset=utf-8");
    }

    private static string Linked(string text)
    {
        var (html, from) = ("", 0);
        foreach (Match link in Link().Matches(text))
        {
            var address = Pages.Text(link.Value);
            html += $"{Pages.Text(text[from..link.Index])}<a href=\"{address}\" target=\"_blank\" rel=\"noopener noreferrer\">{address}</a>";
            from = link.Index + link.Length;
        }

        return html + Pages.Text(text[from..]);
    }

    // A full stop or bracket at the end belongs to the sentence, not to the address.
    [GeneratedRegex(@"https?://[^\s<>""]*[^\s<>"".,;:!?')\]]")]
    private static partial Regex Link();
}
