namespace Platforms.Google;

/// <summary>Where the keys are: the same keys sign id tokens and security events.</summary>
public static class Discovery
{
    private const string KeysPath = "/google/www/oauth2/v3/certs";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(KeysPath, (SigningKey key) => Wire.Json(key.PublicKeys()));
        routes.MapGet("/google/accounts/.well-known/risc-configuration", (HttpRequest request) =>
            Wire.Json(new
            {
                issuer = GooglePlatform.Issuer + "/",
                jwks_uri = Wire.Origin(request) + KeysPath,
                delivery_methods_supported = new[] { "https://schemas.openid.net/secevent/risc/delivery-method/push" },
            }));
    }
}
