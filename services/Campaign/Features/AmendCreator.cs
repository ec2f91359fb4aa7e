using EventSourcing;
using JasperFx;
using Marten;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>
/// Somebody corrects a creator's profile. Only members that are there change; null takes away what can be missing, as in a JSON merge patch
/// (RFC 7396). The stream learns that something changed, the profile what, in one transaction.
/// </summary>
public static class AmendCreator
{
    private const int Attempts = 5;

    public sealed record Request
    {
        private readonly HashSet<string> named = [];

        public string? Name { get; init => field = Named(value, nameof(Name)); }

        public string? Email { get; init => field = Named(value, nameof(Email)); }

        /// <summary>Null is the default, <c>en</c>.</summary>
        public string? Locale { get; init => field = Named(value, nameof(Locale)); }

        public string? TimeZone { get; init => field = Named(value, nameof(TimeZone)); }

        /// <summary>Only the platforms that are named change; null, or null for one of them, takes the handles away.</summary>
        public IReadOnlyDictionary<string, string?>? Handles { get; init => field = Named(value, nameof(Handles)); }

        /// <summary>The profile as it is with this request.</summary>
        public CreatorProfile Amend(CreatorProfile profile)
        {
            var handles = profile.Handles.ToDictionary(handle => handle.Key, string? (handle) => handle.Value);
            foreach (var (platform, handle) in Handles ?? new Dictionary<string, string?>())
            {
                handles[platform] = handle;
            }

            var amended = CreatorProfile.Of(
                profile.Id,
                named.Contains(nameof(Name)) ? Name : profile.Name,
                named.Contains(nameof(Email)) ? Email : profile.Email,
                named.Contains(nameof(Locale)) ? Locale : profile.Locale,
                named.Contains(nameof(Handles)) && Handles is null ? null : handles,
                named.Contains(nameof(TimeZone)) ? TimeZone : profile.TimeZone);
            return amended with { Revision = profile.Revision + 1 };
        }

        private T Named<T>(T value, string member)
        {
            named.Add(member);
            return value;
        }
    }

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPatch("/v1/creators/{id:guid}", Handle)
        .WithName(nameof(AmendCreator)).WithTags("Creators").WithSummary("Correct a creator's profile").RequireScope("campaigns.write").GivesETag()
            .WithDescription("A merge patch: only what is named changes, null takes away. If-Match, if you send it, says which version you have seen.")
            .Refuses(404, "creator.unknown")
            .Refuses(409, "creator.exists")
            .Refuses(412, "version.stale")
            .Refuses(422, "name.invalid", "email.invalid", "locale.invalid", "timezone.unknown", "platform.unknown", "handle.invalid");

    private static async Task<Results<Ok<ViewCreator.Response>, ProblemHttpResult>> Handle(
        Guid id, Request request, [FromHeader(Name = "If-Match")] string? ifMatch, StreamSession session, HttpResponse response, CancellationToken ct)
    {
        if (EntityTag.Read(ifMatch, required: false, out var seen) is { } problem)
        {
            return problem;
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var (decision, profile) = await Amend(id, request, seen, session, ct);
                if (decision is not Decision.Refused { Kind: RefusalKind.LostRace } || seen is not null || attempt == Attempts)
                {
                    return decision is Decision.Refused refusal ? Problems.Of(refusal) : ViewCreator.Show(profile!, response);
                }
            }
            catch (DocumentAlreadyExistsException) when (attempt < Attempts)
            {
                // Between our look and our save somebody took the address: the next look finds them.
            }
        }
    }

    private static async Task<(Decision, CreatorProfile?)> Amend(Guid id, Request request, long? seen, StreamSession session, CancellationToken ct)
    {
        if (await session.Query.LoadAsync<CreatorProfile>(id, ct) is not { } profile)
        {
            return (CreatorProfile.Unknown, null);
        }

        var amended = request.Amend(profile);
        var holder = await session.Query.Query<CreatorProfile>().FirstOrDefaultAsync(known => known.EmailKey == amended.EmailKey, ct);
        var outcome = await session.DecideAndSave<Creator>(
            id,
            state => Decide(state, profile, amended, holder),
            ct,
            // The profile that was read is of this revision: any other makes what was read, or what the caller saw, old.
            expectedVersion: seen is null || seen == profile.Revision ? profile.Revision : -1,
            alongside: documents =>
            {
                if (!amended.SaysSameAs(profile))
                {
                    documents.Update(amended);
                }
            });
        return (outcome.Decision, outcome.IsRecorded ? amended : profile);
    }

    /// <param name="state">The creator.</param>
    /// <param name="profile">Who it is.</param>
    /// <param name="amended">Who it is to be.</param>
    /// <param name="holder">The creator of this organization who has that address.</param>
    public static Decision Decide(Creator? state, CreatorProfile profile, CreatorProfile amended, CreatorProfile? holder) => state switch
    {
        null => CreatorProfile.Unknown,
        _ when amended.Flaw() is { } flaw => flaw,
        _ when holder is not null && holder.Id != profile.Id => CreatorProfile.EmailTaken,
        _ when amended.SaysSameAs(profile) => Decision.Nothing,
        _ => Decision.Of(new CreatorAmended(profile.Id)),
    };
}
