using System.Globalization;
using System.Net;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace WebConsole.SignIn;

/// <summary>The session is over: the person has signed out elsewhere, or the provider gives no more tokens.</summary>
public sealed class SessionEnded() : Exception("Your session has ended. Sign in again to go on.");

/// <summary>The session could not be prolonged because the provider does not answer; it may be good again in a moment.</summary>
public sealed class SignInAway(Exception cause) : Exception("The sign-in service does not answer right now. Nothing is lost: try again in a moment.", cause);

/// <summary>The access token of a session, replaced shortly before its end: by one request at a time, for all pages of the session.</summary>
public sealed class AccessTokens(Sessions sessions, IOptionsMonitor<OpenIdConnectOptions> provider, IOptions<SignInOptions> options, TimeProvider clock)
{
    // A few doors for all sessions: two that share one wait for each other now and then, and nothing has to be cleared away.
    private readonly SemaphoreSlim[] turns = [.. Enumerable.Range(0, 32).Select(_ => new SemaphoreSlim(1, 1))];

    public async Task<string> Get(string session, CancellationToken ct)
    {
        var ticket = await sessions.RetrieveAsync(session) ?? throw new SessionEnded();
        if (Fresh(ticket) is { } token)
        {
            return token;
        }

        var turn = turns[(uint)session.GetHashCode() % turns.Length];
        await turn.WaitAsync(ct);
        try
        {
            // Whoever had the turn before may have done it already.
            ticket = await sessions.RetrieveAsync(session) ?? throw new SessionEnded();
            return Fresh(ticket) ?? await Refresh(session, ticket, ct);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<string> Refresh(string session, AuthenticationTicket ticket, CancellationToken ct)
    {
        if (ticket.Properties.GetTokenValue("refresh_token") is not { Length: > 0 } refreshToken)
        {
            throw new SessionEnded();
        }

        var granted = await Exchange(refreshToken, ct);
        if (granted is null)
        {
            await sessions.RemoveAsync(session);
            throw new SessionEnded();
        }

        ticket.Properties.UpdateTokenValue("access_token", granted.AccessToken);
        ticket.Properties.UpdateTokenValue("refresh_token", granted.RefreshToken ?? refreshToken);
        ticket.Properties.UpdateTokenValue("expires_at", clock.GetUtcNow().AddSeconds(granted.ExpiresIn).ToString("o", CultureInfo.InvariantCulture));
        await sessions.RenewAsync(session, ticket);
        return granted.AccessToken;
    }

    // Null when the provider says no for good.
    private async Task<Granted?> Exchange(string refreshToken, CancellationToken ct)
    {
        var oidc = provider.Get(OpenIdConnectDefaults.AuthenticationScheme);
        try
        {
            var configuration = await oidc.ConfigurationManager!.GetConfigurationAsync(ct);
            using var response = await oidc.Backchannel.PostAsync(configuration.TokenEndpoint, new FormUrlEncodedContent(new Dictionary<string, string>
            {
                [OpenIdConnectParameterNames.GrantType] = OpenIdConnectGrantTypes.RefreshToken,
                [OpenIdConnectParameterNames.RefreshToken] = refreshToken,
                [OpenIdConnectParameterNames.ClientId] = oidc.ClientId!,
                [OpenIdConnectParameterNames.ClientSecret] = oidc.ClientSecret!,
            }), ct);
            if (response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized)
            {
                return null;
            }

            response.EnsureSuccessStatusCode();
            return await response.Content.ReadFromJsonAsync<Granted>(ct);
        }
        catch (Exception exception) when (!ct.IsCancellationRequested && exception is HttpRequestException or InvalidOperationException or OperationCanceledException)
        {
            throw new SignInAway(exception);
        }
    }

    private string? Fresh(AuthenticationTicket ticket)
    {
        var known = DateTimeOffset.TryParse(ticket.Properties.GetTokenValue("expires_at"), CultureInfo.InvariantCulture, out var expiresAt);
        return known && expiresAt - options.Value.RefreshMargin > clock.GetUtcNow() ? ticket.Properties.GetTokenValue("access_token") : null;
    }

    private sealed record Granted(
        [property: JsonPropertyName("access_token")] string AccessToken,
        [property: JsonPropertyName("refresh_token")] string? RefreshToken,
        [property: JsonPropertyName("expires_in")] long ExpiresIn);
}

/// <summary>The person this page belongs to, towards the services.</summary>
public sealed class Caller(AuthenticationStateProvider authentication, AccessTokens tokens)
{
    public async Task<string> Token(CancellationToken ct)
    {
        var person = (await authentication.GetAuthenticationStateAsync()).User;
        return person.FindFirst(Sessions.Claim) is { } session ? await tokens.Get(session.Value, ct) : throw new SessionEnded();
    }
}
