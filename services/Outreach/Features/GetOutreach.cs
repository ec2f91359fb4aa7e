using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody looks how an outreach is getting on.</summary>
public static class GetOutreach
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/outreach/{id:guid}", Handle).WithName(nameof(GetOutreach)).WithSummary("How an outreach is getting on").RequireScope("outreach.read");

    /// <summary><paramref name="Failed"/> counts the messages that bounced or are in doubt too: none of them is known to have arrived.</summary>
    public sealed record Counts(int Queued, int Sent, int Skipped, int Failed);

    public sealed record Response(Guid Id, Guid CampaignId, string Template, string Status, Counts Counts, DateTimeOffset CreatedAt);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(Guid id, StreamSession session, WorkList work, CancellationToken ct)
    {
        if (await session.Load<OutreachBatch>(id, ct) is not { } batch || await session.Query.Events.FetchStreamStateAsync(id, ct) is not { } stream)
        {
            return Unknown;
        }

        var counts = await work.Count(session.Organization, id, ct);
        return TypedResults.Ok(new Response(
            id, batch.CampaignId, batch.Template, batch.IsCompleted ? "Completed" : "Running", Summary(counts), stream.Created.ToUniversalTime()));
    }

    public static ProblemHttpResult Unknown => Problems.Of(404, "outreach.unknown", "There is no outreach with this id.");

    public static Counts Summary(IReadOnlyDictionary<Verdict, int> counts) => new(
        counts.GetValueOrDefault(Verdict.Queued),
        counts.GetValueOrDefault(Verdict.Sent),
        counts.GetValueOrDefault(Verdict.Skipped),
        counts.GetValueOrDefault(Verdict.Failed) + counts.GetValueOrDefault(Verdict.Bounced) + counts.GetValueOrDefault(Verdict.InDoubt));
}
