using Campaigns.Import;
using EventSourcing;
using JasperFx;
using Marten;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>
/// A whole roster from a file: whoever is not known yet is registered, and all are put on the roster. Rows are taken as they arrive, a few
/// hundred to a commit, so that a file of any length costs the same memory. What was taken stays: importing a file again, after
/// whatever stopped it, adds the rest and nobody twice.
/// </summary>
public static class ImportRoster
{
    public const int MaxRows = 100_000;
    public const int MaxBody = 32 * 1024 * 1024;
    private const int AtOnce = 500;
    private const int MostRejections = 1000;
    private const int Attempts = 5;

    /// <param name="Created">Creators who are new to the organization.</param>
    /// <param name="Updated">Creators whose profile says something else now.</param>
    /// <param name="Added">Creators who joined the roster, new ones included.</param>
    /// <param name="AlreadyOnRoster">Creators who were on it.</param>
    /// <param name="Rejected">Rows that were left out; <paramref name="RejectedRows"/> has the first 1,000.</param>
    /// <param name="RejectedRows">Which, and why.</param>
    /// <param name="IgnoredColumns">Columns that mean nothing here.</param>
    public sealed record Response(
        int Created, int Updated, int Added, int AlreadyOnRoster, int Rejected, IReadOnlyList<RejectedRow> RejectedRows, IReadOnlyList<string> IgnoredColumns);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/campaigns/{id:guid}/creators/import", Handle)
        .Accepts<Stream>("text/csv").WithMetadata(new RequestSizeLimitAttribute(MaxBody))
        .WithName(nameof(ImportRoster)).WithTags("Campaigns").WithSummary("Put the creators of a CSV file on the roster").RequireScope("campaigns.write")
        .WithDescription("Columns: name, email, locale, timezone, instagram, youtube, tiktok, or creatorid; in any order, separated by comma, semicolon or tab, in UTF-8. Up to 100,000 rows, 32 MiB.")
        .Refuses(404, "campaign.unknown")
        .Refuses(422, "csv.header-missing", "csv.header-repeated", "csv.unreadable", "csv.rows-too-many");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Guid id, HttpRequest request, StreamSession session, CancellationToken ct, bool update = false)
    {
        if (await session.Load<Campaign>(id, ct) is null)
        {
            return Problems.Of(CampaignViews.Unknown);
        }

        var (file, flaw) = await RosterFile.Open(request.Body, ct);
        await using var opened = file;
        if (flaw is not null)
        {
            return Problems.Of(flaw);
        }

        var import = new Progress(session, id, update);
        var rows = 0;
        await foreach (var chunk in file.Rows(ct).Take(MaxRows + 1).Chunk(AtOnce).WithCancellation(ct))
        {
            rows += chunk.Length;
            await import.Take(rows > MaxRows ? chunk[..^1] : chunk, ct);
            if (rows > MaxRows)
            {
                return Problems.Of(TooMany(chunk[^1].Line));
            }
        }

        return file.Broken is { } broken
            ? Problems.Of(broken)
            : TypedResults.Ok(new Response(
                import.Created, import.Updated, import.Added, import.AlreadyOnRoster, import.Rejected, import.RejectedRows, file.IgnoredColumns));
    }

    private static Decision.Refused TooMany(int line) => new(
        RefusalKind.InvalidValue, "csv.rows-too-many", $"A file has up to {MaxRows} rows. Those are imported; send what begins in line {line} as another file.", "body");

    /// <summary>One import under way.</summary>
    private sealed class Progress(StreamSession session, Guid campaign, bool update)
    {
        private readonly Dictionary<Guid, int> seen = [];
        private readonly List<RejectedRow> rejected = [];

        public int Created { get; private set; }

        public int Updated { get; private set; }

        public int Added { get; private set; }

        public int AlreadyOnRoster { get; private set; }

        public int Rejected { get; private set; }

        public IReadOnlyList<RejectedRow> RejectedRows => rejected;

        /// <summary>Two commits: first the creators, then their places, so that whatever ends it between the two leaves nothing that a repetition does not find.</summary>
        public async Task Take(IReadOnlyList<ImportRow> rows, CancellationToken ct)
        {
            var plan = await SaveCreators(rows, ct);
            var places = plan.Creators.ToDictionary(creator => Membership.StreamOf(session.Organization, campaign, creator.Id), creator => creator.Id);
            if (places.Count > 0)
            {
                var outcomes = await session.DecideAllAndSave<Membership>(
                    places.Keys, (membership, state) => AddToRoster.Decide(state, membership, campaign, places[membership]), ct);
                var added = outcomes.Count(outcome => outcome.IsRecorded);
                (Added, AlreadyOnRoster) = (Added + added, AlreadyOnRoster + outcomes.Count - added);
            }

            foreach (var creator in plan.Creators)
            {
                seen.Add(creator.Id, creator.Line);
            }

            Rejected += plan.Rejected.Count;
            rejected.AddRange(plan.Rejected.Take(MostRejections - rejected.Count));
        }

        private async Task<RosterPlan> SaveCreators(IReadOnlyList<ImportRow> rows, CancellationToken ct)
        {
            for (var attempt = 1; ; attempt++)
            {
                var plan = RosterPlan.Of(rows, await Known(rows, ct), seen, update, Guid.CreateVersion7);
                var changed = plan.Creators.Where(creator => creator.Profile is not null).ToDictionary(creator => creator.Id);
                try
                {
                    var unsaved = changed.Count == 0 ? [] : await Save(changed, ct);
                    if (unsaved.Count == 0 || attempt == Attempts)
                    {
                        return plan.Without(unsaved);
                    }
                }
                catch (DocumentAlreadyExistsException) when (attempt < Attempts)
                {
                    // Somebody took one of the addresses between our look and our save, another import perhaps: look again.
                }
            }
        }

        /// <summary>Answers whom it could not save: their profile was changed meanwhile.</summary>
        private async Task<IReadOnlyCollection<Guid>> Save(Dictionary<Guid, PlannedCreator> creators, CancellationToken ct)
        {
            var decided = new Dictionary<Guid, Decision>();
            var outcomes = await session.DecideAllAndSave<Creator>(
                creators.Keys,
                (id, state) => decided[id] = RosterPlan.Decide(state, creators[id]),
                ct,
                alongside: documents =>
                {
                    var recorded = creators.Values.Where(creator => decided[creator.Id] is Decision.Recorded).ToLookup(creator => creator.IsNew, creator => creator.Profile!);
                    documents.Insert(recorded[true].ToArray());
                    documents.Update(recorded[false].ToArray());
                });
            var fresh = outcomes.Count(outcome => outcome.IsRecorded && creators[outcome.Id].IsNew);
            (Created, Updated) = (Created + fresh, Updated + outcomes.Count(outcome => outcome.IsRecorded) - fresh);
            return [.. outcomes.Where(outcome => outcome.IsRefused).Select(outcome => outcome.Id)];
        }

        private async Task<IReadOnlyCollection<CreatorProfile>> Known(IReadOnlyList<ImportRow> rows, CancellationToken ct)
        {
            Guid[] ids = [.. rows.Select(row => Guid.TryParse(row.CreatorId, out var id) ? id : Guid.Empty).Distinct()];
            string[] addresses = [.. rows.Where(row => row.CreatorId is null).Select(row => row.Email?.ToLowerInvariant()).OfType<string>().Distinct()];
            return await session.Query.Query<CreatorProfile>().Where(creator => creator.Id.IsOneOf(ids) || creator.EmailKey.IsOneOf(addresses)).ToListAsync(ct);
        }
    }
}
