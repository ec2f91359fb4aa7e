using AppHost;

namespace Standalone;

/// <summary>What a person wants to open, once everything is up.</summary>
internal static class Summary
{
    public static void Print(Terminal terminal, Topology topology, IReadOnlyList<Resource> projects, BackingParts backing, bool dashboard, TimeSpan elapsed)
    {
        (string What, string Address)[] rows =
        [
            .. Row(topology.Console, "Web console", ""),
            .. Row(topology.Connections, "Creator Hub", "/hub"),
            .. Row(topology.Campaign, "Campaign API", ""),
            .. Row(topology.Connections, "Connections API", ""),
            .. Row(topology.Outreach, "Outreach API", ""),
            .. Row(topology.Webhooks, "Webhooks API", ""),
            .. Row(topology.Mail, "Mail simulator (inbox)", ""),
            .. Row(topology.Platforms, "Platforms simulator", ""),
            .. Row(topology.Identity, "Identity simulator", ""),
            .. backing.Management is { } management ? [("RabbitMQ management", WithoutUser(management)), ("  user / password", management.UserInfo.Replace(":", " / ", StringComparison.Ordinal))] : Array.Empty<(string, string)>(),
            .. dashboard ? [("Aspire dashboard", topology.Dashboard.Address)] : Array.Empty<(string, string)>(),
        ];
        var width = rows.Max(row => row.What.Length);
        terminal.Say("");
        foreach (var (what, address) in rows)
        {
            terminal.Say($"  {what.PadRight(width)}  {address}");
        }

        terminal.Say("");
        terminal.Headline($"ready in {elapsed.TotalSeconds:0.0} s");

        IEnumerable<(string, string)> Row(Resource resource, string what, string path) =>
            projects.Contains(resource) ? [(what, resource.Address + path)] : [];
    }

    private static string WithoutUser(Uri address) => address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);
}
