using Platforms.Accounts;
using Platforms.Webhooks;

namespace Platforms;

/// <summary>A permission the consent page can offer. A locked one is granted whenever it is asked for: the person cannot untick it.</summary>
public sealed record ScopeOffer(string Name, string Words, bool Locked = false);

/// <summary>A kind of account, by the name the platform's API gives it, and as a person would say it.</summary>
public sealed record AccountType(string Name, string Words);

/// <summary>What somebody chose about an account's trouble; null is what the platform usually does.</summary>
public sealed record TroubleWish(string? Code = null, string? Subcode = null, bool? Refreshes = null);

/// <summary>What a webhook says. Which of the members count depends on the event.</summary>
/// <param name="Event">Its name at the platform.</param>
public sealed record Announcement(string Event)
{
    /// <summary>TikTok's reason code, or Google's reason for account-disabled.</summary>
    public string? Reason { get; init; }

    /// <summary>Google's verification: comes back as it is.</summary>
    public string? State { get; init; }

    /// <summary>Google's token-revoked: prefix or hash_base64_sha512_sha512.</summary>
    public string? TokenIdentifierAlg { get; init; }

    /// <summary>Google's token-revoked: whose identifier is sent; null is the account's latest refresh token.</summary>
    public string? Token { get; init; }

    /// <summary>How long ago it happened, in seconds.</summary>
    public int AgeSeconds { get; init; }
}

/// <summary>What the shared parts (consent pages, control API) need to know of a platform. The wire itself lives in the platform's folder.</summary>
public interface ISimulatedPlatform
{
    /// <summary>The platform's key, also the last segment of its redirect URI.</summary>
    string Key { get; }

    /// <summary>The name people know it by.</summary>
    string Title { get; }

    /// <summary>The scopes our application is approved for. Asking for any other one fails the whole authorization.</summary>
    IReadOnlyList<ScopeOffer> Scopes { get; }

    /// <summary>Kinds of account, the usual one first.</summary>
    IReadOnlyList<AccountType> AccountTypes { get; }

    /// <summary>An account as it looks the first time anybody mentions it: a pure function of the handle, apart from the time.</summary>
    Account Open(string handle, DateTimeOffset now);

    /// <summary>The signed webhook that says: this person removed the application.</summary>
    /// <param name="account">Whose application was removed.</param>
    /// <param name="reason">The platform's own reason code, where it has one.</param>
    /// <param name="forge">Spoil the signature.</param>
    Notice Removed(Account account, int? reason, bool forge);

    /// <summary>The signed request to erase what we hold, or null where the platform has none.</summary>
    /// <param name="account">Whose data it is.</param>
    /// <param name="forge">Spoil the signature.</param>
    Notice? DataDeletion(Account account, bool forge);

    /// <summary>What <see cref="Tell"/> can say, by name.</summary>
    IReadOnlyList<string> Events { get; }

    /// <summary>Any of the platform's webhooks, whether or not what it says has happened. Null for an event the platform does not know.</summary>
    /// <param name="account">Whom it is about.</param>
    /// <param name="news">What it says.</param>
    /// <param name="forge">Spoil the signature.</param>
    Notice? Tell(Account account, Announcement news, bool forge);

    /// <summary>The webhook that goes with a change of state, null where the platform tells nobody. <paramref name="kind"/> null: all is well again.</summary>
    Announcement? NewsOf(TroubleKind? kind);

    /// <summary>Trouble of this kind as the platform has it; null where it does not know the kind.</summary>
    /// <param name="kind">What happens to the account.</param>
    /// <param name="wish">What was chosen where there is a choice.</param>
    /// <param name="now">Since when.</param>
    Trouble? TroubleOf(TroubleKind kind, TroubleWish wish, DateTimeOffset now);

    /// <summary>How a call of an account in trouble is answered; null if this call works all the same.</summary>
    IResult? Shut(Trouble trouble, FaultPlace place, string endpoint);

    /// <summary>Counts a call of the API against the platform's own limits, and refuses it when they are used up; null lets it pass.</summary>
    IResult? Throttle(HttpResponse response, Account? account, string endpoint);

    /// <summary>What has been used of the limits, for people who wonder.</summary>
    object Usage { get; }

    /// <summary>A failure that was ordered, in the shape of the endpoints at this place.</summary>
    IResult Fail(Fault fault, FaultPlace place);

    /// <summary>The tokens a consent and its exchanges would bring, without going through them.</summary>
    IReadOnlyList<IssuedToken> NewTokens(Account account, DateTimeOffset now);

    void Map(IEndpointRouteBuilder routes);
}
