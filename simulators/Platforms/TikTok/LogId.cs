using System.Security.Cryptography;

namespace Platforms.TikTok;

/// <summary>The id TikTok puts on each answer, for its support staff.</summary>
public static class LogId
{
    public static string New() => RandomNumberGenerator.GetHexString(34);
}
