using System.Globalization;
using EventSourcing;

namespace Campaigns;

/// <summary>A moment that has been, as a request names it.</summary>
public static class PastMoment
{
    private static readonly string[] Rfc3339 =
        ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz"];

    /// <summary>Reads it; null where none is named.</summary>
    /// <param name="text">RFC 3339.</param>
    /// <param name="field">The parameter it came in.</param>
    /// <param name="now">What lies after it has not been.</param>
    public static (DateTimeOffset? Moment, Decision.Refused? Flaw) Read(string? text, string field, DateTimeOffset now)
    {
        if (string.IsNullOrEmpty(text))
        {
            return (null, null);
        }

        if (!DateTimeOffset.TryParseExact(text, Rfc3339, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment))
        {
            return (null, Invalid($"{field}.invalid", "Give the moment as RFC 3339 has it, like 2027-03-01T12:00:00Z; a plus sign is written %2B in an address."));
        }

        return moment > now ? (null, Invalid($"{field}.future", "What will be is not known yet. Give a moment that has been.")) : (moment.ToUniversalTime(), null);

        Decision.Refused Invalid(string code, string detail) => new(RefusalKind.InvalidValue, code, detail, field);
    }
}
