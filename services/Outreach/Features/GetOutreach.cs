using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody looks how an outreach is getting on.</summary>
public static class GetOutreach
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/outreach/{id:guid}", Handle).WithName(nameof(GetOutreach)).WithTags("Outreach").WithSummary("How an outreach is getting on").RequireScope("outreach.read")
            .WithDescription("Scheduled, Running, Paused, Cancelled or Completed, and counts by verdict.")
            .Refuses(404, "outreach.unknown");

    /// <summary><paramref name="Failed"/> counts the messages that bounced or are in doubt too: none of them is known to have arrived.</summary>
    public sealed record Counts(int Queued, int Sent, int Skipped, int Failed, int Opened = 0, int Clicked = 0, int Connected = 0);

    /// <param name="Id">The outreach.</param>
    /// <param name="CampaignId">What for.</param>
    /// <param name="Template">The template's key.</param>
    /// <param name="Status">Scheduled, Running, Paused, Cancelled or Completed. Over when it is one of the last two and nobody is queued.</param>
    /// <param name="Counts">Recipients by verdict.</param>
    /// <param name="CreatedAt">When it was asked for (UTC).</param>
    /// <param name="SendAt">Nothing is sent before (UTC).</param>
    /// <param name="FollowUp">How those who do not answer are asked again.</param>
    /// <param name="Parent">The outreach this one follows up.</param>
    public sealed record Response(
        Guid Id, Guid CampaignId, string Template, string Status, Counts Counts, DateTimeOffset CreatedAt, DateTimeOffset? SendAt, FollowUpPlan? FollowUp, Guid? Parent);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(Guid id, StreamSession session, WorkList work, Engagements engagements, TimeProvider clock, CancellationToken ct) =>
        await Read(id, session, work, engagements, clock, ct) is { } response ? TypedResults.Ok(response) : Unknown;

    internal static async Task<Response?> Read(Guid id, StreamSession session, WorkList work, Engagements engagements, TimeProvider clock, CancellationToken ct)
    {
        if (await session.Load<OutreachBatch>(id, ct) is not { } batch || await session.Query.Events.FetchStreamStateAsync(id, ct) is not { } stream)
        {
            return null;
        }

        var engaged = await engagements.Count(session.Organization, id, ct);
        var counts = Summary(await work.Count(session.Organization, id, ct)) with { Opened = engaged.Opened, Clicked = engaged.Clicked, Connected = engaged.Connected };
        return new(
            id, batch.CampaignId, batch.Template, batch.Status(clock.GetUtcNow()), counts, stream.Created.ToUniversalTime(), batch.SendAt, batch.FollowUp, batch.Parent);
    }

    public static ProblemHttpResult Unknown => Problems.Of(404, "outreach.unknown", "There is no outreach with this id.");

    public static Counts Summary(IReadOnlyDictionary<Verdict, int> counts) => new(
        counts.GetValueOrDefault(Verdict.Queued),
        counts.GetValueOrDefault(Verdict.Sent),
        counts.GetValueOrDefault(Verdict.Skipped),
        counts.GetValueOrDefault(Verdict.Failed) + counts.GetValueOrDefault(Verdict.InDoubt) + counts.GetValueOrDefault(Verdict.Bounced));
}
