using EventSourcing;

namespace Campaigns;

/// <summary>A list of creators in a request.</summary>
public static class CreatorIds
{
    public static Decision.Refused? Flaw(IReadOnlyList<Guid>? ids, int most) => ids switch
    {
        null => Invalid("creators.missing", "Name the creators in creatorIds."),
        { Count: var count } when count > most => Invalid("creators.too-many", $"Name at most {most} creators in one request; this one names {count}."),
        _ => null,
    };

    private static Decision.Refused Invalid(string code, string detail) => new(RefusalKind.InvalidValue, code, detail, "creatorIds");
}
