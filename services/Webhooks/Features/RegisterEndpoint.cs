using System.Security.Claims;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults;
using Webhooks.Intake;
using Webhooks.Sending;

namespace Webhooks.Features;

/// <summary>An organization says where it wants its events sent. The answer is the only one that ever shows the secret they are signed with.</summary>
public static class RegisterEndpoint
{
    public const int MostEndpoints = 50;
    private static readonly HashSet<string> Contracts = [.. ListEventTypes.Known.Select(type => type.Type)];

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/webhook-endpoints", Handle)
        .WithName(nameof(RegisterEndpoint)).WithTags("Endpoints").WithSummary("Have your events sent to an address").RequireScope("webhooks.manage").GivesETag()
        .WithDescription("The secret in the answer is shown this once: keep it. With an Idempotency-Key, sending it again changes nothing and answers the same endpoint, its secret left out.")
        .Refuses(409, "endpoints.too-many")
        .Refuses(422, [.. Destinations.Codes, "description.invalid", "types.too-many", "type.unknown", "idempotency.key-invalid", "idempotency.key-reused"]);

    /// <param name="Url">Where to post: https, port 443, a public address.</param>
    /// <param name="Description">What it is for, in your words.</param>
    /// <param name="Types">Names of contracts, such as ConnectionGranted; none for every event there is and will be.</param>
    /// <param name="Paused">Register it without sending anything yet.</param>
    public sealed record Request(string? Url = null, string? Description = null, IReadOnlyList<string>? Types = null, bool Paused = false);

    /// <param name="Id">The endpoint.</param>
    /// <param name="Secret">What its messages are signed with; null where an earlier answer showed it.</param>
    public sealed record Response(Guid Id, string? Secret);

    private static async Task<Results<Created<Response>, ProblemHttpResult>> Handle(
        Request request, [FromHeader(Name = IdempotencyKey.Header)] string? key, ClaimsPrincipal user, StreamSession session, EndpointTable endpoints, MessageTable messages,
        Destinations destinations, SecretVault vault, TimeProvider clock, HttpResponse response, CancellationToken ct)
    {
        if (IdempotencyKey.Flaw(key) is { } invalid)
        {
            return Problems.Of(invalid);
        }

        var id = IdempotencyKey.StreamOf(session.Organization, "POST /v1/webhook-endpoints", key);
        var settings = EndpointSettings.Of(request.Url, request.Description, request.Types);
        var flaw = await Flaw(settings, session.Organization, destinations, messages, ct);
        var others = await endpoints.Count(session.Organization, ct);
        var secret = SigningSecret.Create();
        var stored = vault.Seal(session.Organization, id, Guid.CreateVersion7(), secret);
        var by = user.FindFirstValue("sub") ?? "unknown";
        var outcome = await EndpointTable.Record(
            session, id, endpoint => Decide(endpoint, id, settings, flaw, request.Paused, others, stored.Id, by), clock.GetUtcNow(), ct, settings: settings, secret: stored);
        return outcome.ToHttp(saved =>
        {
            EntityTag.Write(response, saved.Version);
            return TypedResults.Created($"/v1/webhook-endpoints/{id}", new Response(id, saved.IsRecorded ? SigningSecret.Show(secret) : null));
        });
    }

    /// <summary>What is wrong with the settings, the place they lead to included.</summary>
    internal static async Task<Decision.Refused?> Flaw(EndpointSettings settings, string organization, Destinations destinations, MessageTable messages, CancellationToken ct)
    {
        if (destinations.Flaw(settings.Url) is { } flaw)
        {
            return flaw;
        }

        // A type that is newer than this service's contracts is known once there was a message of it.
        string[] strange = [.. settings.Types.Where(type => !Contracts.Contains(type)).Take(EndpointSettings.MostTypes)];
        var known = strange.Length == 0 ? settings.Types : [.. settings.Types.Except(strange), .. await messages.Seen(organization, strange, ct)];
        return settings.Flaw([.. known]) ?? await destinations.FlawOfTarget(settings.Url, ct);
    }

    public static Decision Decide(
        WebhookEndpoint? endpoint, Guid id, EndpointSettings settings, Decision.Refused? flaw, bool paused, long others, Guid secret, string by) => endpoint switch
        {
            { IsRemoved: false } when endpoint.RegisteredAs == settings.Fingerprint => Decision.Nothing,
            { } => IdempotencyKey.Reused,
            _ when flaw is not null => flaw,
            _ when others >= MostEndpoints => Decision.Refuse("endpoints.too-many", $"Your organization has {MostEndpoints} webhook endpoints, which is as many as it may have. Remove one it does not need."),
            _ => Decision.Of(new EndpointRegistered(id, settings.Origin, settings.Types, settings.Fingerprint, secret, paused, by)),
        };
}
