using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>
/// One creator's connections as a campaign sees them: every column with what to do about it, what the campaign loses by it, which data and content are to be
/// had, and what happened here since the creator joined.
/// </summary>
public static class ViewCampaignCreator
{
    /// <param name="Type">The authorization that is missing or dead.</param>
    /// <param name="Metrics">Numbers that stay out of the campaign's sums.</param>
    /// <param name="Content">Content that does not show.</param>
    public sealed record Lost(string Type, IReadOnlyList<string> Metrics, IReadOnlyList<string> Content);

    /// <summary>One column before and after; null where the creator was not on the roster.</summary>
    public sealed record Turn(string Type, string? Before, string? After);

    /// <param name="At">When it was recorded here.</param>
    /// <param name="What">Joined, Left or Changed.</param>
    /// <param name="Connections">The columns that changed.</param>
    public sealed record Step(DateTimeOffset At, string What, IReadOnlyList<Turn> Connections);

    /// <param name="DeliveryId">The message.</param>
    /// <param name="OutreachId">The bulk send.</param>
    /// <param name="Template">Key of the template.</param>
    /// <param name="At">When it was sent, or failed.</param>
    /// <param name="State">How far it has come: Sent, Failed, Bounced, Clicked or Connected.</param>
    public sealed record Message(Guid DeliveryId, Guid OutreachId, string Template, DateTimeOffset At, string State);

    /// <summary>
    /// Since is when the creator joined, for the last time. Availability has a row per platform of a shown authorization; it is null while Connections does not
    /// answer, and AvailabilityMissing says why. History is oldest first, without what changed in none of the shown columns; Messages are those known here.
    /// </summary>
    public sealed record Response(
        Guid CampaignId, Guid CreatorId, string Name, IReadOnlyDictionary<string, string?> Handles, DateTimeOffset Since, IReadOnlyList<ListCampaignCreators.Connection> Connections,
        ListCampaignCreators.Outreach? LastOutreach, IReadOnlyList<Lost> Losses, IReadOnlyList<PlatformAvailability>? Availability, string? AvailabilityMissing,
        IReadOnlyList<Step> History, IReadOnlyList<Message> Messages);

    private static Decision.Refused NotOnRoster { get; } = new(RefusalKind.Unknown, "membership.unknown", "This creator is not on the roster of this campaign.", null);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/campaigns/{id:guid}/creators/{creatorId:guid}", Handle)
        .WithName(nameof(ViewCampaignCreator)).WithTags("Campaigns").WithSummary("A creator's connections in a campaign").RequireScope("campaigns.read")
        .WithDescription("Every column that is shown, what the campaign loses by those that are not green, which data and content are to be had and why not, what happened, and the newest messages.")
        .Refuses(404, "campaign.unknown", "membership.unknown");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Guid id, Guid creatorId, StreamSession session, Rosters rosters, Availability availability, TimeProvider clock, CancellationToken ct)
    {
        if (await ShownCampaign.Find(session, id, ct) is not { Shown: var shown })
        {
            return Problems.Of(CampaignViews.Unknown);
        }

        // Of one moment: how a creator stands is where their history ends.
        await rosters.Hold(ct);
        if (await rosters.Of(id, [creatorId], shown, ct) is not [var found])
        {
            return Problems.Of(NotOnRoster);
        }

        var changes = await rosters.Changes(id, creatorId, ct);
        await rosters.LetGo();
        var asking = availability.Of(session.Organization, creatorId, ct);
        var row = ListCampaignCreators.Show(found, clock.GetUtcNow());
        var news = await session.Facts(LastOutreach.StreamOf(session.Organization, id, creatorId), ct);
        var (platforms, missing) = await asking;
        var wanted = CreatorFilter.Authorizations(shown).Select(type => ConnectionType.Named(type)!.Platform).ToArray();
        return TypedResults.Ok(new Response(
            id, creatorId, row.Name, row.Handles, changes.LastOrDefault(change => change.Joined).At, row.Connections, row.LastOutreach, Losses(row.Connections),
            platforms?.Where(platform => wanted.Contains(platform.Platform)).ToArray(), missing, History(changes.Select(change => (change.At, change.Standing)), shown),
            Messages(news.Select(e => e.Data))));
    }

    public static IReadOnlyList<Lost> Losses(IEnumerable<ListCampaignCreators.Connection> connections) =>
        [.. from connection in connections
            let loss = connection.Status == ConnectionStatus.Connected ? null : Loss.Of(connection.Type)
            where loss is not null
            select new Lost(connection.Type, loss.Metrics, loss.Content)];

    /// <summary>What happened, from how the creator stood each time; a change that shows in no column is none.</summary>
    public static IReadOnlyList<Step> History(IEnumerable<(DateTimeOffset At, Standing? Standing)> changes, IReadOnlyList<string> shown, Standing? before = null)
    {
        var steps = new List<Step>();
        foreach (var (at, after) in changes)
        {
            Turn[] turns = [.. shown.Select(type => new Turn(type, before?.StatusOf(type), after?.StatusOf(type))).Where(turn => turn.Before != turn.After)];
            if (turns.Length > 0 || before is null != after is null)
            {
                steps.Add(new(at, before is null ? "Joined" : after is null ? "Left" : "Changed", turns));
            }

            before = after;
        }

        return steps;
    }

    /// <summary>Every message and how far each has come. Of one whose sending is still on its way to us nothing can be shown yet.</summary>
    public static IReadOnlyList<Message> Messages(IEnumerable<object> news)
    {
        var messages = new List<Message>();
        var progress = new Dictionary<Guid, string>();
        foreach (var one in news)
        {
            var (delivery, state) = one switch
            {
                OutreachNoted e => (e.DeliveryId, e.Progress ?? OutreachState.Sent),
                OutreachProgressed e => (e.DeliveryId, e.Progress),
                _ => default,
            };
            if (state is not null)
            {
                progress[delivery] = OutreachState.Later(progress.GetValueOrDefault(delivery), state);
            }

            if (one is OutreachNoted sent)
            {
                messages.Add(new(sent.DeliveryId, sent.OutreachId, sent.Template, sent.At, ""));
            }
        }

        return [.. messages.OrderBy(message => message.At).Select(message => message with { State = progress[message.DeliveryId] })];
    }
}
