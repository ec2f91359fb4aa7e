using System.Security.Claims;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults;

namespace Webhooks.Features;

/// <summary>An endpoint gets another secret. The one before signs beside it for a while, so that a receiver can change over without losing a message.</summary>
public static class RotateSecret
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/webhook-endpoints/{id:guid}/secret/rotate", Handle)
        .WithName(nameof(RotateSecret)).WithTags("Endpoints").WithSummary("Get another secret").RequireScope("webhooks.manage").GivesETag()
        .WithDescription("The new secret is shown this once. Until `previousEndsAt` each message carries a signature of both. If-Match keeps a repeated request from rotating twice.")
        .Refuses(404, "endpoint.unknown").Refuses(409, "secrets.too-many").Refuses(412, "version.stale").Refuses(428, "if-match.missing");

    /// <param name="Secret">What messages are signed with from now on.</param>
    /// <param name="PreviousEndsAt">Until when the one before signs too.</param>
    public sealed record Response(string Secret, DateTimeOffset PreviousEndsAt);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Guid id, [FromHeader(Name = "If-Match")] string? ifMatch, ClaimsPrincipal user, StreamSession session, SecretVault vault, SecretOptions options, TimeProvider clock,
        HttpResponse response, CancellationToken ct)
    {
        if (EntityTag.Read(ifMatch, required: true, out var seen) is { } problem)
        {
            return problem;
        }

        var now = clock.GetUtcNow();
        var endsAt = now + options.Overlap;
        var secret = SigningSecret.Create();
        var stored = vault.Seal(session.Organization, id, Guid.CreateVersion7(), secret);
        var by = user.FindFirstValue("sub") ?? "unknown";
        var outcome = await EndpointTable.Record(session, id, endpoint => Decide(endpoint, stored.Id, endsAt, by, now), now, ct, seen, secret: stored);
        return outcome.ToHttp(saved =>
        {
            EntityTag.Write(response, saved.Version);
            return TypedResults.Ok(new Response(SigningSecret.Show(secret), endsAt));
        });
    }

    public static Decision Decide(WebhookEndpoint? endpoint, Guid secret, DateTimeOffset previousEndsAt, string by, DateTimeOffset now) => endpoint switch
    {
        null or { IsRemoved: true } => WebhookEndpoint.Unknown,
        _ when endpoint.SecretsAt(now).Count() >= WebhookEndpoint.MostSecrets => Decision.Refuse(
            "secrets.too-many", $"{WebhookEndpoint.MostSecrets} secrets sign for this endpoint already. Wait until the oldest has ended, or end those before the newest."),
        _ => Decision.Of(new SecretRotated(endpoint.Id, secret, previousEndsAt, by)),
    };
}
