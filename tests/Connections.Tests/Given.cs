using EventSourcing;

namespace Connections.Tests;

/// <summary>Given what happened, when something is decided, then exactly this.</summary>
internal static class Given
{
    public static readonly Guid Creator = new("0198f0a2-0000-7000-8000-000000000001");
    public static readonly Guid Invitation = new("0198f0a2-0000-7000-8000-000000000002");
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static Connection? Events(params object[] events) => StreamFold<Connection>.Of(events);

    public static AccessGranted Granted(DateTimeOffset? endsAt = null, string account = "account-1", DateTimeOffset? at = null) =>
        new(Creator, "instagram", account, ["a", "b"], endsAt, Invitation, at ?? Now.AddDays(-1));

    public static AccessInvalidated Invalidated(string reason) => new(Creator, "instagram", reason, new("webhook", "deauthorize", Now, "confirmed"));
}
