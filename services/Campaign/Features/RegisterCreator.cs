using EventSourcing;
using Marten;
using Marten.Exceptions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>An organization starts to work with a creator: the stream learns that there is one, the profile who it is, in one transaction.</summary>
public static class RegisterCreator
{
    public sealed record Request(string? Name = null, string? Email = null, string? Locale = null, Dictionary<string, string?>? Handles = null);

    public sealed record Response(Guid Id);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/creators", Handle)
        .WithName(nameof(RegisterCreator)).WithSummary("Register a creator").RequireScope("campaigns.write");

    private static async Task<Results<Created<Response>, ProblemHttpResult>> Handle(
        Request request, [FromHeader(Name = IdempotencyKey.Header)] string? key, StreamSession session, CancellationToken ct)
    {
        if (IdempotencyKey.Flaw(key) is { } flaw)
        {
            return Problems.Of(flaw);
        }

        var id = IdempotencyKey.StreamOf(session.Organization, "POST /v1/creators", key);
        var profile = CreatorProfile.Of(id, request.Name, request.Email, request.Locale, request.Handles);
        var holder = await session.Query.Query<CreatorProfile>().FirstOrDefaultAsync(known => known.EmailKey == profile.EmailKey, ct);
        var admitted = false;
        try
        {
            var outcome = await session.DecideAndSave<Creator>(
                id,
                state => { admitted = state is null; return Decide(state, profile, holder); },
                ct,
                alongside: documents => { if (admitted) { documents.Insert(profile); } });
            if (!admitted && !outcome.IsRefused && !await IsRepeated(profile, session, ct))
            {
                return Problems.Of(IdempotencyKey.Reused);
            }

            return outcome.ToHttp(_ => TypedResults.Created($"/v1/creators/{id}", new Response(id)));
        }
        catch (MartenCommandException exception) when (exception.InnerException is PostgresException { ConstraintName: CreatorProfile.EmailIndex })
        {
            // Somebody registered the same address between our look and our save; the index saw it.
            return Problems.Of(EmailTaken);
        }
    }

    /// <param name="state">The creator, when this very request was carried out before.</param>
    /// <param name="profile">Who it is.</param>
    /// <param name="holder">The creator of this organization who already has that address.</param>
    public static Decision Decide(Creator? state, CreatorProfile profile, CreatorProfile? holder) => state switch
    {
        _ when profile.Flaw() is { } flaw => flaw,
        { } => Decision.Nothing,
        null when holder is not null => EmailTaken,
        null => Decision.Of(new CreatorAdmitted(profile.Id)),
    };

    private static Decision.Refused EmailTaken { get; } = new(
        RefusalKind.WrongState, "creator.exists", "Your organization already works with a creator of this e-mail address.", "email");

    // What the first request said is in the profile only: an event may not hold it.
    private static async Task<bool> IsRepeated(CreatorProfile profile, StreamSession session, CancellationToken ct) =>
        await session.Query.LoadAsync<CreatorProfile>(profile.Id, ct) is { } first && first.SaysSameAs(profile);
}
