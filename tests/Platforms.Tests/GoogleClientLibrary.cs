using Google.Apis.Auth;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Auth.OAuth2.Flows;
using Google.Apis.Auth.OAuth2.Requests;
using Google.Apis.Auth.OAuth2.Responses;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Platforms.Tests.Kit;

namespace Platforms.Tests;

/// <summary>Google's own client library, unmodified, against the simulator: only the addresses are other ones.</summary>
public sealed class GoogleClientLibrary(SharedSimulator shared) : IDisposable
{
    private readonly Simulator simulator = shared.Simulator;
    private readonly string handle = SharedSimulator.NewHandle();
    private readonly List<IDisposable> flows = [];

    public void Dispose() => flows.ForEach(f => f.Dispose());

    [Fact]
    public async Task It_trades_a_code_refreshes_calls_the_api_and_revokes()
    {
        var flow = Flow(i => new GoogleAuthorizationCodeFlow(i));
        var request = (GoogleAuthorizationCodeRequestUrl)flow.CreateAuthorizationCodeRequest(simulator.Redirect("youtube"));
        var code = await Consent(request);
        var credential = new UserCredential(flow, handle, await flow.ExchangeCodeForTokenAsync(handle, code, simulator.Redirect("youtube"), CancellationToken.None));
        var first = credential.Token.AccessToken;
        var refreshed = await credential.RefreshTokenAsync(CancellationToken.None);
        var channels = await new GoogleApp(simulator).Channels(await credential.GetAccessTokenForRequestAsync());
        var revoked = await credential.RevokeTokenAsync(CancellationToken.None);
        var afterwards = await Should.ThrowAsync<TokenResponseException>(() => credential.RefreshTokenAsync(CancellationToken.None));

        (refreshed, revoked).ShouldBe((true, true));
        credential.Token.AccessToken.ShouldNotBe(first);
        channels.Body.GetProperty("items")[0].GetProperty("kind").GetString().ShouldBe("youtube#channel");
        afterwards.Error.Error.ShouldBe("invalid_grant");
    }

    [Fact]
    public async Task It_proves_its_key_with_the_PKCE_flow()
    {
        var flow = (PkceGoogleAuthorizationCodeFlow)Flow(i => new PkceGoogleAuthorizationCodeFlow(i));
        var code = await Consent((GoogleAuthorizationCodeRequestUrl)flow.CreateAuthorizationCodeRequest(simulator.Redirect("youtube"), out var verifier));
        var token = await flow.ExchangeCodeForTokenAsync(handle, code, verifier, simulator.Redirect("youtube"), CancellationToken.None);

        token.RefreshToken.ShouldStartWith("1//0");
        token.Scope.ShouldContain(GoogleApp.YouTube);
    }

    [Fact]
    public async Task It_reads_a_refused_grant_as_Googles()
    {
        var flow = Flow(i => new GoogleAuthorizationCodeFlow(i));
        var refused = await Should.ThrowAsync<TokenResponseException>(
            () => flow.ExchangeCodeForTokenAsync(handle, "4/0Aguess", simulator.Redirect("youtube"), CancellationToken.None));

        (refused.Error.Error, (int?)refused.StatusCode).ShouldBe(("invalid_grant", 400));
    }

    [Fact]
    public async Task It_verifies_an_id_token_against_the_published_keys_and_refuses_one_that_was_changed()
    {
        var idToken = (await new GoogleApp(simulator).Tokens(handle)).Text("id_token");
        var payload = await JsonWebSignature.VerifySignedTokenAsync<GoogleJsonWebSignature.Payload>(idToken, Verification("https://accounts.google.com"));

        (payload.Audience, payload.Email, payload.EmailVerified).ShouldBe((GoogleApp.ClientId, $"{handle}@gmail.example", true));
        await Should.ThrowAsync<InvalidJwtException>(() => JsonWebSignature.VerifySignedTokenAsync(Changed(idToken), Verification("https://accounts.google.com")));
    }

    [Fact]
    public async Task It_refuses_a_security_event_for_want_of_an_end_which_another_verifier_does_not_ask_for()
    {
        // Google's verifier is made for id tokens and insists on exp before it looks at anything else. Security events have none by RFC 8417, and Google's
        // guide says not to ask for it: a real event is refused the same way. Microsoft's verifier can be told, and checks key, issuer and audience.
        await using var own = await Simulator.Start();
        await new GoogleApp(own).Tokens(handle);
        await own.Post($"/control/accounts/youtube/{handle}/revoke");
        var token = (await own.Hub.Next()).Body;
        var refused = await Should.ThrowAsync<InvalidJwtException>(() => JsonWebSignature.VerifySignedTokenAsync(token, Verification("https://accounts.google.com/", own)));
        var keys = new JsonWebKeySet(await own.Http.GetStringAsync("/google/www/oauth2/v3/certs")).GetSigningKeys();
        var (good, changed, foreign) = (await Check(token, GoogleApp.ClientId), await Check(Changed(token), GoogleApp.ClientId), await Check(token, "another-client"));

        refused.Message.ShouldBe("JWT must contain 'iat' and 'exp' claims");
        good.IsValid.ShouldBeTrue();
        changed.Exception.ShouldBeOfType<SecurityTokenInvalidSignatureException>();
        foreign.Exception.ShouldBeOfType<SecurityTokenInvalidAudienceException>();

        Task<TokenValidationResult> Check(string value, string audience) => new JsonWebTokenHandler().ValidateTokenAsync(value, new()
        {
            IssuerSigningKeys = keys,
            ValidIssuer = "https://accounts.google.com/",
            ValidAudience = audience,
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            RequireExpirationTime = false,
        });
    }

    private GoogleAuthorizationCodeFlow Flow(Func<GoogleAuthorizationCodeFlow.Initializer, GoogleAuthorizationCodeFlow> make)
    {
        var origin = simulator.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        var flow = make(new Addresses($"{origin}/google/accounts/o/oauth2/v2/auth", $"{origin}/google/oauth2/token", $"{origin}/google/oauth2/revoke")
        {
            ClientSecrets = new() { ClientId = GoogleApp.ClientId, ClientSecret = "google-secret" },
            Scopes = [GoogleApp.YouTube, GoogleApp.Analytics, "openid", "email"],
            Prompt = "consent",
        });
        flows.Add(flow);
        return flow;
    }

    private async Task<string> Consent(GoogleAuthorizationCodeRequestUrl request)
    {
        request.State = "s1";
        var callback = await (await ConsentForm.Open(simulator, request.Build().PathAndQuery)).Allow(handle);
        callback["state"].ShouldBe("s1");
        return callback.Code;
    }

    private SignedTokenVerificationOptions Verification(string issuer, Simulator? from = null) => new()
    {
        CertificatesUrl = $"{(from ?? simulator).Http.BaseAddress}google/www/oauth2/v3/certs",
        TrustedAudiences = { GoogleApp.ClientId },
        TrustedIssuers = { issuer },
    };

    // The library takes other addresses than Google's from whoever derives from its settings.
    private sealed class Addresses(string authorization, string token, string revocation) : GoogleAuthorizationCodeFlow.Initializer(authorization, token, revocation);

    // One character of the signature is another one.
    private static string Changed(string token)
    {
        var at = token.LastIndexOf('.') + 10;
        return $"{token[..at]}{(token[at] is 'A' ? 'B' : 'A')}{token[(at + 1)..]}";
    }
}
