using EventSourcing;
using JasperFx.Events;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults;

namespace Connections.Features;

/// <summary>A creator's standing in the marketplace: how it is, since when and on whose word, and how it came to be.</summary>
public static class ViewMarketplace
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/creators/{creatorId:guid}/marketplace", Handle).WithName(nameof(ViewMarketplace)).WithTags("Marketplace").RequireScope("connections.read")
            .WithSummary("A creator's standing in TikTok's marketplace").WithDescription("Status, since when, reasons, evidence, what to do, and when it was last checked.")
            .Refuses(404, "creator.unknown").Refuses(409, "marketplace.not-configured");
        routes.MapGet("/v1/creators/{creatorId:guid}/marketplace/history", History).WithName("MarketplaceHistory").WithTags("Marketplace").RequireScope("connections.read")
            .WithSummary("How it came to be").WithDescription("Oldest first.")
            .Refuses(404, "creator.unknown").Refuses(409, "marketplace.not-configured");
    }

    private static async Task<Results<Ok<MarketplaceView>, ProblemHttpResult>> Handle(
        Guid creatorId, StreamSession session, MarketplaceDesk desk, NpgsqlDataSource source, CancellationToken ct)
    {
        if (await session.Load<KnownCreator>(creatorId, ct) is null)
        {
            return MarketplaceDesk.UnknownCreator;
        }

        // What was once learnt can still be read after the account was taken away.
        var view = await MarketplaceView.Of(session, source, creatorId, ct);
        return view.Status is null && desk.NotConfigured() is { } problem ? problem : TypedResults.Ok(view);
    }

    private static async Task<Results<Ok<MarketplaceHistoryList>, ProblemHttpResult>> History(Guid creatorId, StreamSession session, MarketplaceDesk desk, CancellationToken ct)
    {
        if (await session.Load<KnownCreator>(creatorId, ct) is null)
        {
            return MarketplaceDesk.UnknownCreator;
        }

        var events = await session.Facts(MarketplaceStanding.IdOf(session.Organization, creatorId), ct);
        return events.Count == 0 && desk.NotConfigured() is { } problem
            ? problem
            : TypedResults.Ok(new MarketplaceHistoryList([.. events.Select(EntryOf).OfType<MarketplaceHistoryEntry>()]));
    }

    private static MarketplaceHistoryEntry? EntryOf(IEvent e) => e.Data switch
    {
        MarketplaceEligibilityFound f => Entry(f.Reasons.Count > 0 ? MarketplaceStatus.NotEligible : MarketplaceStatus.NotInvited, f.Evidence, "platform", f.Reasons),
        MarketplaceInvited i => Entry(MarketplaceStatus.Invited, i.Evidence, i.Evidence.Source is MarketplaceFinding.FromInvitation or MarketplaceFinding.FromOutreach ? "organization" : "platform"),
        MarketplaceInvitationSeen s => Entry(null, s.Evidence, "platform"),
        MarketplaceInviteExpired x => Entry(MarketplaceStatus.InviteExpired, x.Evidence, "platform"),
        MarketplaceJoined j => Entry(MarketplaceStatus.Joined, j.Evidence, "creator"),
        MarketplaceDeclined d => Entry(MarketplaceStatus.Declined, d.Evidence, "creator"),
        MarketplaceLeft l => Entry(MarketplaceStatus.NotInvited, l.Evidence, "creator"),
        _ => null,
    } is { } entry ? entry with { At = e.Timestamp, Event = e.Data.GetType().Name } : null;

    private static MarketplaceHistoryEntry Entry(MarketplaceStatus? status, Evidence evidence, string by, IReadOnlyList<string>? reasons = null) =>
        new(default, "", status?.ToString(), reasons ?? [], evidence, by);
}

/// <summary>A creator's standing in the marketplace as people and product teams see it.</summary>
/// <param name="CreatorId">The creator.</param>
/// <param name="Status">NotEligible, NotInvited, Invited, InviteExpired, Joined or Declined; null before the first check.</param>
/// <param name="Colour">green, red or grey.</param>
/// <param name="Since">When this status was recorded (UTC).</param>
/// <param name="Reasons">Why the creator is not eligible.</param>
/// <param name="Evidence">On whose word.</param>
/// <param name="InviteEndsAt">When an open invitation counts as expired (UTC).</param>
/// <param name="NextAction">What a person can do about it; null when nothing needs doing.</param>
/// <param name="LastCheckedAt">When the marketplace was last asked (UTC).</param>
/// <param name="LastOutcome">What came of it: answered, not-answered, no-handle.</param>
public sealed record MarketplaceView(
    Guid CreatorId, string? Status, string Colour, DateTimeOffset? Since, IReadOnlyList<string> Reasons, Evidence? Evidence, DateTimeOffset? InviteEndsAt, string? NextAction,
    DateTimeOffset? LastCheckedAt, string? LastOutcome)
{
    internal static async Task<MarketplaceView> Of(StreamSession session, NpgsqlDataSource source, Guid creator, CancellationToken ct)
    {
        // Read anew: the request's own session may have read the stream before it changed.
        var events = await session.Facts(MarketplaceStanding.IdOf(session.Organization, creator), ct);
        var state = StreamFold<MarketplaceStanding>.Of(events);
        await using var command = source.CreateCommand($"select checked_at, outcome from {MarketplaceTables.Checks} where tenant_id = $1 and creator_id = $2");
        command.With(session.Organization, creator);
        await using var reader = await command.ExecuteReaderAsync(ct);
        (DateTimeOffset? At, string? Outcome) last = await reader.ReadAsync(ct) && !reader.IsDBNull(0) ? (reader.GetFieldValue<DateTimeOffset>(0), reader.GetString(1)) : (null, null);
        return new(
            creator,
            state?.Status.ToString(),
            ColourOf(state?.Status),
            events.LastOrDefault(e => e.Data is not MarketplaceInvitationSeen)?.Timestamp,
            state?.Reasons ?? [],
            state?.Evidence,
            state?.InviteEndsAt,
            NextActionFor(state, last.Outcome),
            last.At,
            last.Outcome);
    }

    private static string ColourOf(MarketplaceStatus? status) => status switch
    {
        MarketplaceStatus.Joined => "green",
        MarketplaceStatus.InviteExpired or MarketplaceStatus.Declined => "red",
        _ => "grey",
    };

    private static string? NextActionFor(MarketplaceStanding? state, string? outcome) => state?.Status switch
    {
        MarketplaceStatus.Joined => null,
        _ when outcome == "no-handle" => "Add the creator's TikTok handle, or ask the creator to connect TikTok",
        null => "Wait for the first check, or check now",
        MarketplaceStatus.NotInvited => "Invite the creator to the marketplace",
        MarketplaceStatus.Invited => "Ask the creator to answer the invitation in the TikTok app",
        MarketplaceStatus.InviteExpired => "Invite the creator again",
        MarketplaceStatus.Declined => "Talk to the creator, and invite again only if they want to join",
        _ when state.Reasons.Contains(MarketplaceReason.HandleUnknown) => "Check the creator's TikTok handle",
        _ => "The marketplace does not take this creator now: look again when the reason is gone",
    };
}

/// <summary>What happened to a creator's standing, oldest first.</summary>
public sealed record MarketplaceHistoryList(IReadOnlyList<MarketplaceHistoryEntry> Items);

/// <summary>One thing that happened.</summary>
/// <param name="At">When it was recorded (UTC).</param>
/// <param name="Event">What happened.</param>
/// <param name="Status">The status from then on; null where it changed none.</param>
/// <param name="Reasons">Why.</param>
/// <param name="Evidence">On whose word.</param>
/// <param name="By">Whose doing it was: creator, organization or platform.</param>
public sealed record MarketplaceHistoryEntry(DateTimeOffset At, string Event, string? Status, IReadOnlyList<string> Reasons, Evidence Evidence, string By);
