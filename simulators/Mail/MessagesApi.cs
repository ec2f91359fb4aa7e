using Microsoft.AspNetCore.Http.HttpResults;

namespace Mail;

/// <summary>The messages received, for tests and tools.</summary>
internal static class MessagesApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/messages", List);
        routes.MapGet("/api/messages/{id}/source", Source);
        routes.MapDelete("/api/messages", Clear);
    }

    public sealed record Item(
        string Id, IReadOnlyList<string> To, string From, string EnvelopeFrom, string Subject, string? Text, string? Html,
        IReadOnlyDictionary<string, string> Headers, DateTimeOffset ReceivedAt, ReportRequest? Reports);

    public sealed record Page(IReadOnlyList<Item> Items, int Total);

    private static async Task<Page> List(
        Mailbox mailbox, TimeProvider clock, CancellationToken cancellationToken, string? to = null, int limit = 50, int wait = 0)
    {
        var until = clock.GetUtcNow().AddSeconds(Math.Clamp(wait, 0, 30));
        while (true)
        {
            var next = mailbox.NextArrival;
            var found = mailbox.NewestFirst(to is null ? null : message => message.IsTo(to));
            var left = until - clock.GetUtcNow();
            if (found.Count > 0 || left <= TimeSpan.Zero)
            {
                return new([.. found.Take(Math.Clamp(limit, 1, 1000)).Select(Show)], found.Count);
            }

            await Task.WhenAny(next, Task.Delay(left, clock, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static Results<FileContentHttpResult, NotFound> Source(string id, Mailbox mailbox) => mailbox.Find(id) is { } message
        ? TypedResults.Bytes(message.Source, "message/rfc822", $"{id}.eml")
        : TypedResults.NotFound();

    private static async Task<NoContent> Clear(Mailbox mailbox)
    {
        await mailbox.Clear();
        return TypedResults.NoContent();
    }

    private static Item Show(Message message)
    {
        var parsed = message.Parse();
        // A name that comes more than once (Received, DKIM-Signature) keeps all its values.
        var headers = parsed.Headers.GroupBy(header => header.Field, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(same => same.Key, same => string.Join('\n', same.Select(header => header.Value)));
        var from = parsed.From.Mailboxes.FirstOrDefault()?.Address ?? message.EnvelopeFrom;
        return new(message.Id, message.To, from, message.EnvelopeFrom, parsed.Subject ?? "", parsed.GetTextBody(MimeKit.Text.TextFormat.Plain), parsed.HtmlBody,
            headers, message.ReceivedAt, message.Reports);
    }
}
