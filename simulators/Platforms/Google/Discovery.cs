namespace Platforms.Google;

/// <summary>Where the keys are: the same keys sign id tokens and security events.</summary>
public static class Discovery
{
    private const string KeysPath = "/google/www/oauth2/v3/certs";

    private static readonly string[] Challenges = ["plain", "S256"];
    private static readonly string[] Grants = ["authorization_code", "refresh_token"];
    private static readonly string[] Authentication = ["client_secret_post", "client_secret_basic"];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(KeysPath, (SigningKey key) => Wire.Json(key.PublicKeys()));
        routes.MapGet("/google/accounts/.well-known/openid-configuration", (HttpRequest request) => Wire.Json(Configuration(Wire.Origin(request))));
        routes.MapGet("/google/accounts/.well-known/risc-configuration", (HttpRequest request) =>
            Wire.Json(new
            {
                issuer = GooglePlatform.Issuer + "/",
                jwks_uri = Wire.Origin(request) + KeysPath,
                delivery_methods_supported = new[] { "https://schemas.openid.net/secevent/risc/delivery-method/push" },
            }));
    }

    // The issuer is Google's own, since tokens name it; everything else leads here.
    private static object Configuration(string origin) => new
    {
        issuer = GooglePlatform.Issuer,
        authorization_endpoint = origin + "/google/accounts/o/oauth2/v2/auth",
        token_endpoint = origin + "/google/oauth2/token",
        userinfo_endpoint = origin + "/google/openidconnect/v1/userinfo",
        revocation_endpoint = origin + "/google/oauth2/revoke",
        jwks_uri = origin + KeysPath,
        response_types_supported = new[] { "code" },
        subject_types_supported = new[] { "public" },
        id_token_signing_alg_values_supported = new[] { "RS256" },
        scopes_supported = new[] { "openid", "email" },
        token_endpoint_auth_methods_supported = Authentication,
        code_challenge_methods_supported = Challenges,
        grant_types_supported = Grants,
    };
}
