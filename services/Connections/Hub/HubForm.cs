using System.Security.Cryptography;
using System.Text;

namespace Connections.Hub;

/// <summary>Forms of the Hub: taken only from the visit they were given to.</summary>
internal static class HubForm
{
    /// <summary>The visit that sent this form; null when there is none, or the form is not that visit's.</summary>
    public static async Task<HubSession?> Sender(HttpContext http)
    {
        if (!http.Request.HasFormContentType || await HubSession.Of(http) is not { } visit)
        {
            return null;
        }

        var sent = (await http.Request.ReadFormAsync(http.RequestAborted))["form_mark"].ToString();
        var expected = http.RequestServices.GetRequiredService<HubTokens>().FormMark(visit);
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(sent), Encoding.ASCII.GetBytes(expected)) ? visit : null;
    }
}
