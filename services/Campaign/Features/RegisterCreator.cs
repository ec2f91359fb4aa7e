using EventSourcing;
using JasperFx;
using Marten;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>An organization starts to work with a creator: the stream learns that there is one, the profile who it is, in one transaction.</summary>
public static class RegisterCreator
{
    private const int Attempts = 3;

    public sealed record Request(
        string? Name = null, string? Email = null, string? Locale = null, Dictionary<string, string?>? Handles = null, string? TimeZone = null);

    public sealed record Response(Guid Id);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/creators", Handle)
        .WithName(nameof(RegisterCreator)).WithTags("Creators").WithSummary("Register a creator").RequireScope("campaigns.write")
        .WithDescription("With an Idempotency-Key, sending it again changes nothing.")
        .Refuses(409, "creator.exists")
        .Refuses(422, "name.invalid", "email.invalid", "locale.invalid", "timezone.unknown", "platform.unknown", "handle.invalid", "idempotency.key-invalid", "idempotency.key-reused");

    private static async Task<Results<Created<Response>, ProblemHttpResult>> Handle(
        Request request, [FromHeader(Name = IdempotencyKey.Header)] string? key, StreamSession session, CancellationToken ct)
    {
        if (IdempotencyKey.Flaw(key) is { } flaw)
        {
            return Problems.Of(flaw);
        }

        var id = IdempotencyKey.StreamOf(session.Organization, "POST /v1/creators", key);
        var profile = CreatorProfile.Of(id, request.Name, request.Email, request.Locale, request.Handles, request.TimeZone);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await Register(profile, session, ct);
            }
            catch (DocumentAlreadyExistsException) when (attempt < Attempts)
            {
                // Between our look and our save somebody took the address, or it was a copy of this very request: look again.
            }
        }
    }

    private static async Task<Results<Created<Response>, ProblemHttpResult>> Register(CreatorProfile profile, StreamSession session, CancellationToken ct)
    {
        var holder = await session.Query.Query<CreatorProfile>().FirstOrDefaultAsync(known => known.EmailKey == profile.EmailKey, ct);
        var admitted = false;
        var outcome = await session.DecideAndSave<Creator>(
            profile.Id,
            state =>
            {
                admitted = state is null;
                return Decide(state, profile, holder);
            },
            ct,
            alongside: documents =>
            {
                if (admitted)
                {
                    documents.Insert(profile);
                }
            });
        return admitted || outcome.IsRefused || await IsRepeated(profile, session, ct)
            ? outcome.ToHttp(_ => TypedResults.Created($"/v1/creators/{profile.Id}", new Response(profile.Id)))
            : Problems.Of(IdempotencyKey.Reused);
    }

    /// <param name="state">The creator, when this very request was carried out before.</param>
    /// <param name="profile">Who it is.</param>
    /// <param name="holder">The creator of this organization who already has that address.</param>
    public static Decision Decide(Creator? state, CreatorProfile profile, CreatorProfile? holder) => state switch
    {
        _ when profile.Flaw() is { } flaw => flaw,
        { } => Decision.Nothing,
        null when holder is not null => CreatorProfile.EmailTaken,
        null => Decision.Of(new CreatorAdmitted(profile.Id)),
    };

    // What the first request said is in the profile only: an event may not hold it.
    private static async Task<bool> IsRepeated(CreatorProfile profile, StreamSession session, CancellationToken ct) =>
        await session.Query.LoadAsync<CreatorProfile>(profile.Id, ct) is { } first && first.SaysSameAs(profile);
}
