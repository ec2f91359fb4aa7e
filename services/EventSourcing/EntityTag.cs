using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EventSourcing;

/// <summary>The revision of what a caller has read, as ETag and If-Match carry it, so that nobody overwrites what they have not seen.</summary>
public static class EntityTag
{
    /// <summary>It is of another revision than the caller has seen.</summary>
    public static Decision.Refused Stale { get; } =
        new(RefusalKind.LostRace, "version.stale", "Somebody changed this since you read it. Read it again and repeat your change.", null);

    /// <summary>Tells the caller the revision of what it is given.</summary>
    public static void Write(HttpResponse response, long revision) => response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{revision}\"");

    /// <summary>The revision the caller has seen; or the problem to answer with.</summary>
    /// <param name="ifMatch">The header, where there is one. <c>*</c> means whatever there is.</param>
    /// <param name="required">Must the caller say what it has seen?</param>
    /// <param name="revision">Null where any will do.</param>
    public static ProblemHttpResult? Read(string? ifMatch, bool required, out long? revision)
    {
        revision = null;
        if (string.IsNullOrWhiteSpace(ifMatch))
        {
            return required
                ? Problems.Of(428, "if-match.missing", "Send the ETag of what you have read in an If-Match header, so that you do not overwrite somebody else's change.")
                : null;
        }

        if (ifMatch.Trim() is "*")
        {
            return null;
        }

        if (!long.TryParse(ifMatch.Trim().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var seen))
        {
            return Problems.Of(Stale);
        }

        revision = seen;
        return null;
    }
}
