using EventSourcing;

namespace Webhooks;

/// <summary>
/// An organization wants its events sent to an address. The address itself lies in a row, since its path may be a secret of the receiver's; here it is only its origin.
/// The signing secret is neither here nor in any other event: its id is, so that it is known since when and until when it signed.
/// </summary>
public sealed record EndpointRegistered(Guid EndpointId, string Origin, IReadOnlyList<string> Types, string Fingerprint, Guid SecretId, bool Paused, string By);

/// <summary>Address, description or types are others.</summary>
public sealed record EndpointChanged(Guid EndpointId, string Origin, IReadOnlyList<string> Types, string Fingerprint, string By);

/// <summary>Nothing is sent there until it is resumed; what comes meanwhile waits.</summary>
public sealed record EndpointPaused(Guid EndpointId, string Reason, string By);

public sealed record EndpointResumed(Guid EndpointId, string By);

/// <summary>From now on a new secret signs; those before it go on signing beside it until then.</summary>
public sealed record SecretRotated(Guid EndpointId, Guid SecretId, DateTimeOffset PreviousEndsAt, string By);

/// <summary>Only the newest secret signs.</summary>
public sealed record PreviousSecretsEnded(Guid EndpointId, IReadOnlyList<Guid> SecretIds, string By);

public sealed record EndpointRemoved(Guid EndpointId, string By);

/// <summary>Why nothing is sent to an endpoint.</summary>
public enum PauseReason
{
    /// <summary>Somebody asked for it.</summary>
    Manual,

    /// <summary>The receiver answered 410.</summary>
    Gone,

    /// <summary>Nothing got through for days.</summary>
    Failing,
}

/// <summary>A secret that signs; the newest has no end.</summary>
public sealed record LiveSecret(Guid Id, DateTimeOffset? EndsAt);

/// <summary>Where an organization wants its events sent, and which.</summary>
/// <param name="Id">The stream.</param>
/// <param name="RegisteredAs">What it was registered with, to know a repeated request by.</param>
/// <param name="Fingerprint">What it is now.</param>
/// <param name="Paused">Why nothing is sent; null when it is.</param>
/// <param name="Secrets">Those that have not been ended by hand, the newest last.</param>
/// <param name="IsRemoved">It is there no more.</param>
public sealed record WebhookEndpoint(Guid Id, string RegisteredAs, string Fingerprint, string? Paused, IReadOnlyList<LiveSecret> Secrets, bool IsRemoved) : IStreamState<WebhookEndpoint>
{
    /// <summary>By whom, where no person or client did it.</summary>
    public const string ByDelivery = "delivery";

    /// <summary>As many secrets sign side by side; more are no rotation any more.</summary>
    public const int MostSecrets = 3;

    public static Decision Unknown { get; } = Decision.Unknown("endpoint.unknown", "Your organization has no webhook endpoint with this id.");

    /// <summary>Those that sign at this moment.</summary>
    public IEnumerable<LiveSecret> SecretsAt(DateTimeOffset now) => Secrets.Where(secret => secret.EndsAt is null || secret.EndsAt > now);

    public static WebhookEndpoint? Fold(WebhookEndpoint? state, object @event) => (state, @event) switch
    {
        (null, EndpointRegistered e) => new(e.EndpointId, e.Fingerprint, e.Fingerprint, e.Paused ? nameof(PauseReason.Manual) : null, [new(e.SecretId, null)], false),
        ({ } s, EndpointChanged e) => s with { Fingerprint = e.Fingerprint },
        ({ } s, EndpointPaused e) => s with { Paused = e.Reason },
        ({ } s, EndpointResumed) => s with { Paused = null },
        ({ } s, SecretRotated e) => s with { Secrets = [.. s.Secrets.Select(secret => secret.EndsAt is null ? secret with { EndsAt = e.PreviousEndsAt } : secret), new(e.SecretId, null)] },
        ({ } s, PreviousSecretsEnded e) => s with { Secrets = [.. s.Secrets.Where(secret => !e.SecretIds.Contains(secret.Id))] },
        ({ } s, EndpointRemoved) => s with { IsRemoved = true, Secrets = [] },
        _ => state,
    };
}
