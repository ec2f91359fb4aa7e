using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>An organization plans a campaign: its name, its dates, and which connections its creators need to have.</summary>
public static class PlanCampaign
{
    public sealed record Request(string? Name = null, DateOnly? StartsOn = null, DateOnly? EndsOn = null, IReadOnlyList<string>? RequiredConnections = null);

    public sealed record Response(Guid Id);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/campaigns", Handle)
        .WithName(nameof(PlanCampaign)).WithTags("Campaigns").WithSummary("Plan a campaign").RequireScope("campaigns.write")
        .WithDescription("With an Idempotency-Key, sending it again changes nothing.")
        .Refuses(422, "name.invalid", "dates.missing", "dates.reversed", "connection-types.missing", "connection-type.unknown", "idempotency.key-invalid", "idempotency.key-reused");

    private static async Task<Results<Created<Response>, ProblemHttpResult>> Handle(
        Request request, [FromHeader(Name = IdempotencyKey.Header)] string? key, StreamSession session, CancellationToken ct)
    {
        if (IdempotencyKey.Flaw(key) is { } flaw)
        {
            return Problems.Of(flaw);
        }

        var id = IdempotencyKey.StreamOf(session.Organization, "POST /v1/campaigns", key);
        var outcome = await session.DecideAndSave<Campaign>(id, state => Decide(state, id, request), ct);
        return outcome.ToHttp(_ => TypedResults.Created($"/v1/campaigns/{id}", new Response(id)));
    }

    public static Decision Decide(Campaign? state, Guid id, Request request)
    {
        if (request.Name?.Trim() is not { Length: > 0 and <= Campaign.LongestName } name || name.Any(char.IsControl))
        {
            return Decision.Invalid("name", "name.invalid", $"Give the campaign a name of 1 to {Campaign.LongestName} characters, on one line.");
        }

        if (request.StartsOn is not { } startsOn)
        {
            return Decision.Invalid("startsOn", "dates.missing", "Give the first day of the campaign, like 2027-03-01.");
        }

        if (request.EndsOn is not { } endsOn)
        {
            return Decision.Invalid("endsOn", "dates.missing", "Give the last day of the campaign, like 2027-03-31.");
        }

        if (endsOn < startsOn)
        {
            return Decision.Invalid("endsOn", "dates.reversed", "The last day of the campaign lies before its first.");
        }

        if (request.RequiredConnections is not { Count: > 0 } required)
        {
            return Decision.Invalid("requiredConnections", "connection-types.missing", $"Name what the campaign needs, one or more of {Types}.");
        }

        if (required.Any(type => ConnectionType.Named(type) is null))
        {
            return Decision.Invalid("requiredConnections", "connection-type.unknown", $"The connection types are {Types}.");
        }

        // In the order of the columns, once each, however the caller wrote them.
        var plan = new CampaignPlanned(id, name, startsOn, endsOn, [.. ConnectionType.All.Select(type => type.Name).Where(required.Contains)]);
        return state switch
        {
            null => Decision.Of(plan),
            _ when state.IsPlannedAs(plan) => Decision.Nothing,
            _ => IdempotencyKey.Reused,
        };
    }

    private static string Types => string.Join(", ", ConnectionType.All.Select(type => type.Name));
}
