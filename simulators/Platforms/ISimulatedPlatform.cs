using Platforms.Accounts;
using Platforms.Webhooks;

namespace Platforms;

/// <summary>A permission the consent page can offer. A locked one is granted whenever it is asked for: the person cannot untick it.</summary>
public sealed record ScopeOffer(string Name, string Words, bool Locked = false);

/// <summary>A kind of account, by the name the platform's API gives it, and as a person would say it.</summary>
public sealed record AccountType(string Name, string Words);

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

    void Map(IEndpointRouteBuilder routes);
}
