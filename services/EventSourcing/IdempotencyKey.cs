namespace EventSourcing;

/// <summary>A caller's own name for one request: sent again under the same name, it does not happen again.</summary>
public static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";
    private const int Longest = 200;

    /// <summary>The stream that the request opens. Under a key it is always the same one, so two copies of a request meet in it.</summary>
    public static Guid StreamOf(string organization, string route, string? key) =>
        key is null ? Guid.CreateVersion7() : StreamId.Of("request", organization, route, key);

    public static Decision.Refused? Flaw(string? key) => key is null || (key.Length is > 0 and <= Longest && key.All(c => c is > ' ' and <= '~'))
        ? null
        : new(RefusalKind.InvalidValue, "idempotency.key-invalid", $"An idempotency key has 1 to {Longest} visible ASCII characters.", Header);

    public static Decision.Refused Reused { get; } = new(
        RefusalKind.InvalidValue, "idempotency.key-reused", "This idempotency key was used for another request. Use a new one for a new request.", Header);
}
