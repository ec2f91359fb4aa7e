using System.Security.Claims;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults;
using Webhooks.Intake;
using Webhooks.Sending;

namespace Webhooks.Features;

/// <summary>Somebody changes where events are sent and which, pauses the endpoint, or resumes it.</summary>
public static class ChangeEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPut("/v1/webhook-endpoints/{id:guid}", Handle)
        .WithName(nameof(ChangeEndpoint)).WithTags("Endpoints").WithSummary("Change, pause or resume an endpoint").RequireScope("webhooks.manage").GivesETag()
        .WithDescription("Address, description and types as they are to be; If-Match says what you have seen. A paused endpoint is sent nothing, and what comes waits; resumed, it gets that at once.")
        .Refuses(404, "endpoint.unknown").Refuses(412, "version.stale")
        .Refuses(422, [.. Destinations.Codes, "description.invalid", "types.too-many", "type.unknown"])
        .Refuses(428, "if-match.missing");

    /// <param name="Url">Where to post: https, port 443, a public address.</param>
    /// <param name="Description">What it is for, in your words.</param>
    /// <param name="Types">Names of contracts; none for all. What waits already is sent all the same.</param>
    /// <param name="Paused">Left out, that stays as it is.</param>
    public sealed record Request(string? Url = null, string? Description = null, IReadOnlyList<string>? Types = null, bool? Paused = null);

    private static async Task<Results<Ok<EndpointDetail>, ProblemHttpResult>> Handle(
        Guid id, Request request, [FromHeader(Name = "If-Match")] string? ifMatch, ClaimsPrincipal user, StreamSession session, EndpointTable endpoints, MessageTable messages,
        Destinations destinations, WorkSignal signal, TimeProvider clock, HttpResponse response, CancellationToken ct)
    {
        if (EntityTag.Read(ifMatch, required: true, out var seen) is { } problem)
        {
            return problem;
        }

        var now = clock.GetUtcNow();
        var settings = EndpointSettings.Of(request.Url, request.Description, request.Types);
        var flaw = await endpoints.Find(session.Organization, id, now, ct) is null
            ? (Decision.Refused)WebhookEndpoint.Unknown
            : await RegisterEndpoint.Flaw(settings, session.Organization, destinations, messages, ct);
        if (flaw is not null)
        {
            return Problems.Of(flaw);
        }

        var by = user.FindFirstValue("sub") ?? "unknown";
        var outcome = await EndpointTable.Record(session, id, endpoint => Decide(endpoint, settings, request.Paused, by), now, ct, seen, settings);
        signal.Pulse();
        if (outcome.Decision is Decision.Refused refusal)
        {
            return Problems.Of(refusal);
        }

        EntityTag.Write(response, outcome.Version);
        return await endpoints.Find(session.Organization, id, now, ct) is { } row
            ? TypedResults.Ok(EndpointDetail.Of(row))
            : Problems.Of((Decision.Refused)WebhookEndpoint.Unknown);
    }

    public static Decision Decide(WebhookEndpoint? endpoint, EndpointSettings settings, bool? paused, string by)
    {
        if (endpoint is null or { IsRemoved: true })
        {
            return WebhookEndpoint.Unknown;
        }

        var facts = new List<object>();
        if (endpoint.Fingerprint != settings.Fingerprint)
        {
            facts.Add(new EndpointChanged(endpoint.Id, settings.Origin, settings.Types, settings.Fingerprint, by));
        }

        if (paused is true && endpoint.Paused is null)
        {
            facts.Add(new EndpointPaused(endpoint.Id, nameof(PauseReason.Manual), by));
        }
        else if (paused is false && endpoint.Paused is not null)
        {
            facts.Add(new EndpointResumed(endpoint.Id, by));
        }

        return facts.Count == 0 ? Decision.Nothing : Decision.Of([.. facts]);
    }
}
