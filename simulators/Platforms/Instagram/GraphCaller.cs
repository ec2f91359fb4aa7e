using Platforms.Accounts;

namespace Platforms.Instagram;

/// <summary>Finds out who calls: the token comes as a parameter, or as a bearer token, which keeps it out of access logs.</summary>
public sealed class GraphCaller(Ledger ledger, SwitchBoard switches, PlatformClock clock)
{
    private const int InvalidToken = 190;
    private const int ApplicationRemoved = 458;
    private const int Expired = 463;
    private const int PermissionMissing = 10;

    /// <summary>Runs <paramref name="goOn"/> for a caller whose token lives and covers the scope; anybody else gets the Graph API's error.</summary>
    public IResult Admit(HttpRequest request, string scope, Func<Account, IssuedToken, IResult> goOn)
    {
        var value = request.Query["access_token"].ToString() is { Length: > 0 } parameter ? parameter : Wire.Bearer(request);
        if (value is null)
        {
            return GraphError.Of(InvalidToken, "An access token is required to request this resource.");
        }

        if (ledger.FindToken(value) is not var (account, token) || account.Platform != InstagramPlatform.PlatformKey)
        {
            return GraphError.Of(InvalidToken, "Invalid OAuth access token - Cannot parse access token");
        }

        var now = clock.GetUtcNow();
        if (token.Death is not null)
        {
            return GraphError.Of(InvalidToken, "Error validating access token: The user has not authorized application.", Subcode(ApplicationRemoved));
        }

        if (token.HasExpired(now))
        {
            var words = $"Error validating access token: Session has expired on {token.ExpiresAt:dddd, dd-MMM-yy HH:mm:ss} UTC.";
            return GraphError.Of(InvalidToken, words, Subcode(Expired));
        }

        return account.Allows(scope)
            ? goOn(account, token)
            : GraphError.Of(PermissionMissing, "(#10) Application does not have permission for this action", status: StatusCodes.Status403Forbidden);
    }

    private int? Subcode(int subcode) => switches.Current.Instagram.Subcodes ? subcode : null;
}
