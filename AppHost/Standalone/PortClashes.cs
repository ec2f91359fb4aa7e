using AppHost;
using LocalServers;

namespace Standalone;

/// <summary>Looks at every port before anything is started, so that a clash is told at once and by name.</summary>
internal static class PortClashes
{
    /// <summary>One sentence per port that somebody else holds, with the variable that moves ours out of the way.</summary>
    public static IReadOnlyList<string> Among(IEnumerable<Resource> resources) =>
    [
        .. from resource in resources
           from port in resource.Ports
           where !Ports.IsFree(port.Value)
           select $"Port {port.Value} for {resource.Name} ({port.Key}) is taken{By(port.Value)}. "
               + $"End that, or choose another port: {Topology.PortVariable(resource.Name, port.Key)}=<port> ./run.sh",
    ];

    private static string By(int port) => Ports.Holder(port) is { } holder ? $" by {holder}" : "";
}
