using EventSourcing;

namespace Campaigns.Import;

/// <summary>A creator who is to be on the roster, and what their profile is to say; null leaves it alone.</summary>
public sealed record PlannedCreator(int Line, Guid Id, CreatorProfile? Profile, bool IsNew);

/// <summary>What a few rows come to: who is to be on the roster, and which rows cannot be used. Every row is in one of the two.</summary>
public sealed record RosterPlan(IReadOnlyList<PlannedCreator> Creators, IReadOnlyList<RejectedRow> Rejected)
{
    /// <param name="rows">In the order of the file.</param>
    /// <param name="known">The creators of this organization that the rows name, by id or address.</param>
    /// <param name="earlier">Who was in the file before these rows, and in which line.</param>
    /// <param name="update">Do rows change the profiles of creators who are known already? Blank cells never do, and addresses neither.</param>
    /// <param name="newId">Ids for creators who are not known.</param>
    public static RosterPlan Of(
        IReadOnlyList<ImportRow> rows, IReadOnlyCollection<CreatorProfile> known, IReadOnlyDictionary<Guid, int> earlier, bool update, Func<Guid> newId)
    {
        var (byId, byEmail) = (known.ToDictionary(creator => creator.Id), known.ToDictionary(creator => creator.EmailKey));
        var here = new Dictionary<Guid, PlannedCreator>();
        var rejected = new List<RejectedRow>();
        foreach (var row in rows)
        {
            if (Plan(row) is { } flaw)
            {
                rejected.Add(flaw);
            }
        }

        return new([.. here.Values], rejected);

        RejectedRow? Plan(ImportRow row)
        {
            if (row.Flaw is { } unreadable)
            {
                return unreadable;
            }

            Guid? id = Guid.TryParse(row.CreatorId, out var given) ? given : null;
            if (row.CreatorId is not null && (id is null || !byId.ContainsKey(id.Value)))
            {
                return new(row.Line, "creatorid", "creator.unknown", "Your organization has no creator with this id.");
            }

            var creator = id is { } named ? byId[named] : row.Email is { } email ? byEmail.GetValueOrDefault(email.ToLowerInvariant()) : null;
            if (creator is not null && LineOf(creator.Id) is { } line)
            {
                return new(row.Line, id is null ? "email" : "creatorid", "csv.row-repeated", $"Line {line} names this creator already, and counts.");
            }

            var profile = creator is null
                ? CreatorProfile.Of(newId(), row.Name, row.Email, row.Locale, row.Handles, row.TimeZone)
                : update ? Amend(creator, row) : null;
            if (profile?.Flaw() is { } flaw)
            {
                return new(row.Line, ColumnOf(flaw.Field), flaw.Code, flaw.Detail);
            }

            if (creator is null)
            {
                byEmail[profile!.EmailKey] = profile;
            }

            here[creator?.Id ?? profile!.Id] = new(row.Line, creator?.Id ?? profile!.Id, profile, creator is null);
            return null;
        }

        int? LineOf(Guid creator) => earlier.TryGetValue(creator, out var line) ? line : here.GetValueOrDefault(creator)?.Line;
    }

    /// <summary>The same without those whose profile could not be saved.</summary>
    public RosterPlan Without(IReadOnlyCollection<Guid> unsaved) => unsaved.Count == 0 ? this : new(
        [.. Creators.Where(creator => !unsaved.Contains(creator.Id))],
        [.. Rejected, .. Creators.Where(creator => unsaved.Contains(creator.Id))
            .Select(creator => new RejectedRow(creator.Line, null, "version.stale", "Others kept changing this creator meanwhile. Import this row again."))]);

    /// <summary>A creator is admitted, or the profile that the rows amend is still the one they were laid beside.</summary>
    public static Decision Decide(Creator? state, PlannedCreator planned) => state switch
    {
        null when planned.IsNew => Decision.Of(new CreatorAdmitted(planned.Id)),
        { } known when !planned.IsNew && planned.Profile?.Revision == known.Revision + 1 => Decision.Of(new CreatorAmended(planned.Id)),
        _ => new Decision.Refused(RefusalKind.LostRace, "version.stale", "Somebody changed this creator meanwhile.", null),
    };

    private static CreatorProfile? Amend(CreatorProfile creator, ImportRow row)
    {
        var handles = creator.Handles.ToDictionary(handle => handle.Key, string? (handle) => handle.Value);
        foreach (var (platform, handle) in row.Handles)
        {
            handles[platform] = handle;
        }

        var amended = CreatorProfile.Of(creator.Id, row.Name ?? creator.Name, creator.Email, row.Locale ?? creator.Locale, handles, row.TimeZone ?? creator.TimeZone);
        return amended.SaysSameAs(creator) ? null : amended with { Revision = creator.Revision + 1 };
    }

    private static string? ColumnOf(string? field) => field?.Split('.')[^1].ToLowerInvariant();
}
