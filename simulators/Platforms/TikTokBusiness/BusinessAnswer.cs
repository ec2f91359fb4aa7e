using System.Security.Cryptography;

namespace Platforms.TikTokBusiness;

/// <summary>The envelope of TikTok API for Business. Errors come with HTTP 200 too: a status above that means a wrong path or method.</summary>
public static class BusinessAnswer
{
    public const int NoPermission = 40001;
    public const int ParameterError = 40002;
    public const int CodeInvalid = 40110;
    public const int AppInvalid = 40101;
    public const int TokenExpired = 40102;
    public const int RefreshTokenExpired = 40103;
    public const int TokenMissing = 40104;
    public const int TokenIncorrect = 40105;
    public const int RefreshTokenInvalid = 40107;
    public const int NotACreator = 40121;
    public const int OutsideRegions = 40122;

    public static IResult Ok(object data) => Of(0, "OK", data);

    public static IResult Refuse(int code, string message) => Of(code, message, new { });

    private static IResult Of(int code, string message, object data) =>
        Wire.Json(new { code, message, request_id = RandomNumberGenerator.GetHexString(32), data });
}
