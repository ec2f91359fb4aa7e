using Platforms.Accounts;

namespace Platforms.Consent;

/// <summary>An authorization request that was found to be in order.</summary>
public sealed record ConsentRequest(string RedirectUri, IReadOnlyList<string> Scopes, string? State)
{
    public string? Challenge { get; init; }

    public string? ChallengeMethod { get; init; }

    /// <summary>The handle to start with: Google's login_hint, which the other two pages of this simulator understand as well.</summary>
    public string? Hint { get; init; }

    public bool Offline { get; init; }

    public bool ForceConsent { get; init; }

    public bool Incremental { get; init; }

    public string? Nonce { get; init; }
}

/// <summary>What came of reading the query: a request, a refusal shown on the platform's own page, or a refusal told to the application.</summary>
public sealed record ConsentReading
{
    public ConsentRequest? Request { get; private init; }

    public Refusal? Refusal { get; private init; }

    public string? RedirectTo { get; private init; }

    public static ConsentReading Of(ConsentRequest request) => new() { Request = request };

    /// <summary>Nobody is sent to an address that is not known to be ours: such faults stay on the platform's page.</summary>
    public static ConsentReading Refuse(string code, string words) => new() { Refusal = new(code, words) };

    public static ConsentReading Redirect(string address) => new() { RedirectTo = address };
}

public sealed record Refusal(string Code, string Words);

/// <summary>The platform's side of the consent page: what it reads, and how it sends people back.</summary>
public interface IConsentDialogue
{
    ISimulatedPlatform Platform { get; }

    TimeSpan CodeLifetime { get; }

    ConsentReading Read(IQueryCollection query);

    string NewCode();

    /// <summary>Why this account cannot go on, in words for the person; null if it can.</summary>
    string? Refuses(Account account);

    /// <summary>What the code will be worth, given what the person left ticked.</summary>
    IssuedCode Promise(ConsentRequest request, Account account, IReadOnlyList<string> granted, DateTimeOffset now);

    string Granted(ConsentRequest request, string code, IssuedCode promise);

    string Denied(ConsentRequest request);
}
