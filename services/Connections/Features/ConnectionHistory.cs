using EventSourcing;
using JasperFx.Events;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Connections.Features;

/// <summary>Everything that ever happened to a connection: what, when, who or what said so, and why.</summary>
public static class ConnectionHistory
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/connections/{id:guid}/history", Handle)
        .WithName(nameof(ConnectionHistory)).WithTags("Connections").RequireScope("connections.read")
        .WithSummary("A connection's history").WithDescription("Oldest first.")
        .Refuses(404, "connection.unknown");

    private static async Task<Results<Ok<HistoryList>, ProblemHttpResult>> Handle(Guid id, StreamSession session, CancellationToken ct)
    {
        var events = await session.Facts(id, ct);
        return StreamFold<Connection>.Of(events) is null
            ? Problems.Of(StatusCodes.Status404NotFound, "connection.unknown", "There is no such connection in this organization.")
            : TypedResults.Ok(new HistoryList([.. EntriesOf(events)]));
    }

    internal static IEnumerable<HistoryEntry> EntriesOf(IEnumerable<IEvent> events) => events.Select(EntryOf).OfType<HistoryEntry>();

    private static HistoryEntry? EntryOf(IEvent e) => e.Data switch
    {
        AuthorizationStarted => new(e.Timestamp, nameof(AuthorizationStarted), nameof(Standing.NotConnected), null, "hub", null, "creator"),
        AuthorizationDeclined d => new(e.Timestamp, nameof(AuthorizationDeclined), null, d.Reason, "callback", d.MissingScopes.Count > 0 ? string.Join(' ', d.MissingScopes) : null, "creator"),
        AccessGranted => new(e.Timestamp, nameof(AccessGranted), nameof(Standing.Connected), null, "callback", null, "creator"),
        AccessRenewed => new(e.Timestamp, nameof(AccessRenewed), null, null, "refresh", null, "organization"),
        ExpiryApproached a => new(e.Timestamp, nameof(ExpiryApproached), null, $"{a.Days} days left", "clock", null, "platform"),
        AccessExpired x => new(e.Timestamp, nameof(AccessExpired), nameof(Standing.Expired), null, x.Evidence?.Source ?? "clock", x.Evidence?.Code, "platform") { Rule = x.Evidence?.Rule, Confidence = x.Evidence?.Confidence },
        AccessInvalidated i => new(e.Timestamp, nameof(AccessInvalidated), nameof(Standing.Invalidated), i.Reason, i.Evidence.Source, i.Evidence.Code, ByWhom(i))
        {
            Rule = i.Evidence.Rule,
            Confidence = i.Evidence.Confidence,
        },
        AccessRecovered r => new(e.Timestamp, nameof(AccessRecovered), nameof(Standing.Connected), null, r.Evidence.Source, r.Evidence.Code, "platform") { Rule = r.Evidence.Rule, Confidence = r.Evidence.Confidence },
        _ => null,
    };

    private static string ByWhom(AccessInvalidated invalidated) => invalidated.Reason switch
    {
        InvalidReason.DisconnectedByCreator or InvalidReason.PermissionRemoved or InvalidReason.DataDeletionRequested => "creator",
        InvalidReason.DisconnectedByUs => "organization",
        _ => "platform",
    };
}

/// <summary>A connection's history, oldest first.</summary>
public sealed record HistoryList(IReadOnlyList<HistoryEntry> Items);

/// <summary>One thing that happened.</summary>
/// <param name="At">When it was recorded (UTC).</param>
/// <param name="Event">What happened.</param>
/// <param name="Status">The status from then on; null where it changed none.</param>
/// <param name="Reason">Why.</param>
/// <param name="Source">Who or what told us: hub, callback, webhook, refresh, probe, api, clock, creator, organization.</param>
/// <param name="Code">The platform's own code, where it gave one.</param>
/// <param name="By">Whose doing it was: creator, organization or platform.</param>
public sealed record HistoryEntry(DateTimeOffset At, string Event, string? Status, string? Reason, string Source, string? Code, string By)
{
    /// <summary>The row of the platform's decision table that was applied, where one was.</summary>
    public string? Rule { get; init; }

    /// <summary>confirmed or inferred, where there is evidence.</summary>
    public string? Confidence { get; init; }
}
