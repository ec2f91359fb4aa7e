namespace Platforms.Webhooks;

/// <summary>What a platform wants to tell us, signed and ready to send.</summary>
/// <param name="Kind">What it says, in the platform's words.</param>
/// <param name="Path">Below the hub's public address.</param>
/// <param name="ContentType">Content-Type header.</param>
/// <param name="Body">The raw body: signatures cover its bytes, so every attempt sends the same.</param>
/// <param name="Headers">Further headers, the signature among them.</param>
public sealed record Notice(string Kind, string Path, string ContentType, string Body, IReadOnlyDictionary<string, string> Headers);

public enum DeliveryState
{
    Pending,
    Delivered,
    GivenUp,
}

/// <param name="At">When it was sent.</param>
/// <param name="Status">HTTP status, null when there was no answer.</param>
/// <param name="Answer">The beginning of the answer's body, or what went wrong.</param>
public sealed record Attempt(DateTimeOffset At, int? Status, string Answer);

/// <summary>One webhook on its way, with everything that was tried.</summary>
public sealed record Delivery(long Id, string Platform, string Handle, Notice Notice, bool Forged, DateTimeOffset CreatedAt)
{
    public DeliveryState State { get; init; }

    public IReadOnlyList<Attempt> Attempts { get; init; } = [];
}
