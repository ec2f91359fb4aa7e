using EventSourcing;

namespace Connections.Hub;

/// <summary>Bounds how often one visit may start or finish a connection, so that nobody can be walked through consent pages by a loop.</summary>
internal static class HubRateLimit
{
    public const string Policy = "hub";

    public static void AddHubRateLimit(this IServiceCollection services) => services.AddRequestLimit(
        Policy, "hub.too-many", http => http.Request.Cookies[HubSession.Cookie] ?? http.Connection.RemoteIpAddress?.ToString() ?? "");
}
