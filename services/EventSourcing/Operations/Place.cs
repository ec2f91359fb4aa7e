using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace EventSourcing.Operations;

/// <summary>A cursor: opaque to the caller, a number or an id to us.</summary>
internal static class Place
{
    public static string Of(object place) => WebEncoders.Base64UrlEncode(Encoding.ASCII.GetBytes(Convert.ToString(place, CultureInfo.InvariantCulture)!));

    public static bool Read<T>(string? cursor, T first, out T place)
        where T : IParsable<T>
    {
        place = first;
        if (string.IsNullOrEmpty(cursor))
        {
            return true;
        }

        try
        {
            return T.TryParse(Encoding.ASCII.GetString(WebEncoders.Base64UrlDecode(cursor)), CultureInfo.InvariantCulture, out place!);
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
