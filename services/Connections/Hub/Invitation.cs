using System.ComponentModel.DataAnnotations;
using EventSourcing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Connections.Hub;

/// <summary>The key that Outreach signs invitations with. Section <c>Invitations</c>.</summary>
public sealed class InvitationOptions
{
    /// <summary>256-bit key, base64, shared with Outreach.</summary>
    [Required]
    public string SigningKey { get; set; } = "";
}

/// <summary>Where creators reach the Creator Hub. Section <c>Hub</c>.</summary>
public sealed class HubOptions
{
    /// <summary>Origin of the Hub as creators and platforms see it; redirect URIs and webhook addresses start with it.</summary>
    [Required]
    public Uri PublicUrl { get; set; } = null!;

    /// <summary>How long a creator may take on a consent page.</summary>
    public TimeSpan AttemptLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a visit lasts without opening the invitation again.</summary>
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The redirect URI of a platform: its own path each, so that an answer of one is never taken for another's.</summary>
    public string RedirectUri(string platform) => new Uri(PublicUrl, $"/hub/callback/{platform}").ToString();
}

/// <summary>Whom an invitation speaks to, for whom and for what.</summary>
public sealed record Invitation(Guid Id, string Organization, Guid CreatorId, Guid? CampaignId, DateTimeOffset ExpiresAt);

/// <summary>Why an invitation does not open the Hub.</summary>
public enum InvitationFault
{
    /// <summary>It was never signed by us, or was changed.</summary>
    Forged,

    /// <summary>Its time is over.</summary>
    Expired,
}

/// <summary>Signs and reads the short tokens of the Hub: the invitation that Outreach mails, and the session it opens.</summary>
public sealed class HubTokens
{
    private const string InvitationIssuer = "outreach";
    private const string InvitationAudience = "creator-hub";
    private const string SessionIssuer = "connections";
    private const string SessionAudience = "creator-hub-session";
    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false, SetDefaultTimesOnTokenCreation = false };
    private readonly SymmetricSecurityKey key;
    private readonly TimeProvider clock;
    private readonly HubOptions hub;

    public HubTokens(InvitationOptions options, HubOptions hub, TimeProvider clock)
    {
        (this.hub, this.clock) = (hub, clock);
        var bytes = Convert.FromBase64String(options.SigningKey);
        key = bytes.Length >= 32 ? new(bytes) : throw new ArgumentException("Invitations:SigningKey must be at least 32 bytes in base64.", nameof(options));
    }

    public async Task<(Invitation? Invitation, InvitationFault? Fault)> ReadInvitation(string token)
    {
        var (claims, fault) = await Read(token, InvitationIssuer, InvitationAudience);
        if (claims is null)
        {
            return (null, fault);
        }

        return Guid.TryParse(claims.Id, out var id) && Guid.TryParse(claims.Subject, out var creator) && Organization(claims) is { } organization
            ? (new(id, organization, creator, GuidClaim(claims, "cmp"), new(claims.ValidTo, TimeSpan.Zero)), null)
            : (null, InvitationFault.Forged);
    }

    public string WriteSession(HubSession session) => handler.CreateToken(new SecurityTokenDescriptor
    {
        Issuer = SessionIssuer,
        Audience = SessionAudience,
        Expires = (clock.GetUtcNow() + hub.SessionLifetime).UtcDateTime,
        Claims = new Dictionary<string, object>
        {
            ["jti"] = session.Id.ToString(),
            ["sub"] = session.CreatorId.ToString(),
            ["org"] = session.Organization,
            ["inv"] = session.InvitationId.ToString(),
            ["cmp"] = session.CampaignId?.ToString() ?? "",
        },
        SigningCredentials = new(key, SecurityAlgorithms.HmacSha256),
    });

    public async Task<HubSession?> ReadSession(string token)
    {
        var (claims, _) = await Read(token, SessionIssuer, SessionAudience);
        return claims is not null
            && Guid.TryParse(claims.Id, out var id) && Guid.TryParse(claims.Subject, out var creator) && GuidClaim(claims, "inv") is { } invitation && Organization(claims) is { } organization
            ? new(id, organization, creator, GuidClaim(claims, "cmp"), invitation)
            : null;
    }

    /// <summary>A mark that a form of this session carries, so that no other site can send it.</summary>
    public string FormMark(HubSession session) =>
        Base64UrlEncoder.Encode(System.Security.Cryptography.HMACSHA256.HashData(key.Key, System.Text.Encoding.ASCII.GetBytes($"form:{session.Id}")));

    private async Task<(JsonWebToken? Claims, InvitationFault? Fault)> Read(string token, string issuer, string audience)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var result = await handler.ValidateTokenAsync(token, new()
        {
            ValidIssuer = issuer,
            ValidAudience = audience,
            IssuerSigningKey = key,
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            LifetimeValidator = (_, expires, _, _) => expires > now,
        });
        return result.IsValid
            ? ((JsonWebToken)result.SecurityToken, null)
            : (null, result.Exception is SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException ? InvitationFault.Expired : InvitationFault.Forged);
    }

    private static Guid? GuidClaim(JsonWebToken token, string name) => token.TryGetPayloadValue<string>(name, out var value) && Guid.TryParse(value, out var id) ? id : null;

    private static string? Organization(JsonWebToken token) => token.TryGetPayloadValue<string>("org", out var value) && OrganizationScope.IsWellFormed(value) ? value : null;
}

/// <summary>A creator's visit to the Hub, carried in a signed cookie.</summary>
public sealed record HubSession(Guid Id, string Organization, Guid CreatorId, Guid? CampaignId, Guid InvitationId)
{
    public const string Cookie = "hub_session";

    /// <summary>
    /// Reads the visit from the request and binds its organization; null when there is none or it is over, which it is as soon as its invitation was taken back.
    /// </summary>
    public static async Task<HubSession?> Of(HttpContext http)
    {
        if (http.Request.Cookies[Cookie] is not { Length: > 0 } cookie
            || await http.RequestServices.GetRequiredService<HubTokens>().ReadSession(cookie) is not { } session)
        {
            return null;
        }

        http.RequestServices.GetRequiredService<OrganizationScope>().Bind(session.Organization);
        var invitation = await http.RequestServices.GetRequiredService<StreamSession>().Load<KnownInvitation>(session.InvitationId, http.RequestAborted);
        return invitation is { IsWithdrawn: true } ? null : session;
    }

    /// <summary>Gives the visit to the browser. Lax, since Strict would not survive the way back from a platform.</summary>
    public void GiveTo(HttpContext http) => http.Response.Cookies.Append(
        Cookie,
        http.RequestServices.GetRequiredService<HubTokens>().WriteSession(this),
        new() { HttpOnly = true, Secure = http.Request.IsHttps, SameSite = SameSiteMode.Lax, Path = "/hub", IsEssential = true });
}
