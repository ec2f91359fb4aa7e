using MimeKit;

namespace Mail;

/// <summary>All mail received, newest first, searched by recipient or subject.</summary>
internal static class InboxPage
{
    private const int PerPage = 50;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/",
        (Mailbox mailbox, Faults faults, TimeProvider clock, string? to, int page = 1) =>
            Show(mailbox, faults, clock.GetUtcNow(), to?.Trim() ?? "", Math.Max(1, page)));

    private static IResult Show(Mailbox mailbox, Faults faults, DateTimeOffset now, string search, int page)
    {
        var found = mailbox.NewestFirst(search.Length == 0 ? null : message => IsLike(message, search));
        var shown = found.Skip((page - 1) * PerPage).Take(PerPage).ToList();
        return Pages.Page("Inbox", $"""
            <header class="bar">
              <h1>Inbox <small id="count">{found.Count}</small></h1>
              <form method="get" action="/" role="search">
                <input type="search" name="to" value="{Pages.Text(search)}" placeholder="Search recipient or subject" aria-label="Search recipient or subject">
              </form>
            </header>
            <div id="list">
              {Warning(faults.All)}
              {(shown.Count == 0 ? Empty(search) : $"<ol class=\"mail\">{string.Concat(shown.Select(message => Row(message, now)))}</ol>")}
              {Pager(search, page, found.Count)}
            </div>
            <script>
              // New mail appears by itself; what is typed into the search field stays.
              setInterval(async () => {"{"}
                if (document.hidden) return;
                const fresh = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
                for (const id of ['list', 'count']) document.getElementById(id).innerHTML = fresh.getElementById(id).innerHTML;
              {"}"}, 3000);
            </script>
            """);
    }

    private static bool IsLike(Message message, string search) =>
        message.To.Any(recipient => recipient.Contains(search, StringComparison.OrdinalIgnoreCase))
        || message.Subject.Contains(search, StringComparison.OrdinalIgnoreCase);

    private static string Row(Message message, DateTimeOffset now)
    {
        var from = message.Headers[HeaderId.From] is { } header && InternetAddressList.TryParse(header, out var list) ? list.Mailboxes.FirstOrDefault() : null;
        return $"""
            <li><a href="/messages/{message.Id}">
              <span class="to">{Pages.Text(string.Join(", ", message.To))}</span>
              <span class="subject">{Pages.Text(message.Subject.Length > 0 ? message.Subject : "(no subject)")}</span>
              <span class="from">{Pages.Text(from?.Name is { Length: > 0 } name ? name : from?.Address ?? message.EnvelopeFrom)}</span>
              {Pages.Time(message.ReceivedAt, now)}
            </a></li>
            """;
    }

    private static string Empty(string search) => $"""
        <div class="empty"><p class="big">{(search.Length > 0 ? $"Nothing for “{Pages.Text(search)}”" : "No mail yet")}</p>
        <p>{(search.Length > 0 ? "<a href=\"/\">Show everything</a>" : "What is sent to the SMTP port shows up here, whoever it is for.")}</p></div>
        """;

    private static string Warning(IReadOnlyList<Fault> faults) => faults.Count == 0 ? "" : $"""
        <p class="warning"><strong>Faults are on:</strong> {string.Join("; ", faults.Select(fault => Pages.Text(Describe(fault))))}</p>
        """;

    private static string Describe(Fault fault)
    {
        var what = fault switch
        {
            { At: Stage.Bounce } => $"send back {fault.Status} {fault.Text}",
            { At: Stage.Complaint } => "complain",
            { Drop: true } => "drop the connection",
            { Code: { } code } => $"answer {code} {fault.Text}",
            _ => "answer late",
        };
        return $"{what} at {fault.At}{(fault.To is { } to ? $" for {to}" : "")}, {fault.Times} more";
    }

    private static string Pager(string search, int page, int total)
    {
        var pages = (total + PerPage - 1) / PerPage;
        string Link(int target, string words) => $"<a href=\"/{Pages.Text($"?to={Uri.EscapeDataString(search)}&page={target}")}\">{words}</a>";
        return pages <= 1 ? "" : $"""
            <nav class="pager" aria-label="Pages">
              {(page > 1 ? Link(page - 1, "Newer") : "")}<span>{page} of {pages}</span>{(page < pages ? Link(page + 1, "Older") : "")}
            </nav>
            """;
    }
}
