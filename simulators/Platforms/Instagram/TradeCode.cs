using Platforms.Accounts;
using Platforms.Calls;

namespace Platforms.Instagram;

/// <summary>A code is traded for a token that lives an hour. Errors here have their own shape, unlike the Graph API's.</summary>
public static class TradeCode
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/instagram/api/oauth/access_token", Handle)
        .PassingTurnstile(InstagramPlatform.PlatformKey, FaultPlace.Token, "exchange");

    private static async Task<IResult> Handle(
        HttpRequest request, Registrations registrations, Codes codes, Ledger ledger, SwitchBoard switches, PlatformClock clock)
    {
        if (!request.HasFormContentType)
        {
            return Error("Missing required field client_id");
        }

        var form = await request.ReadFormAsync();
        if (form["client_id"] != registrations.Instagram.Id)
        {
            return Error("Invalid platform app");
        }

        if (form["client_secret"] != registrations.Instagram.Secret)
        {
            return Error("Error validating client secret.");
        }

        if (form["grant_type"] != "authorization_code")
        {
            return Error("Invalid grant_type");
        }

        if (codes.Take(InstagramPlatform.PlatformKey, form["code"]) is not { } code)
        {
            return Error("Matching code was not found or was already used");
        }

        if (form["redirect_uri"] != code.RedirectUri)
        {
            return Error("Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request");
        }

        var now = clock.GetUtcNow();
        var token = new IssuedToken(Wire.Secret("IGAAS"), TokenKind.Short, now, now + Lifetime);
        var account = ledger.Change(code.Account, a => a.Granting(code.Scopes, now).Issuing(now, token))!;
        return Answer(token.Value, account, switches.Current.Instagram.Token);
    }

    private static IResult Answer(string token, Account account, Shape shape) => shape is Shape.Flat
        ? Wire.Json(new { access_token = token, user_id = long.Parse(account.Id), permissions = account.Grant!.Scopes })
        : Wire.Json(new { data = new[] { new { access_token = token, user_id = account.Id, permissions = string.Join(',', account.Grant!.Scopes) } } });

    private static IResult Error(string message) =>
        Wire.Json(new { error_type = "OAuthException", code = 400, error_message = message }, StatusCodes.Status400BadRequest, "400");
}
