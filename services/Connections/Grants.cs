using System.Diagnostics.Metrics;

namespace Connections;

/// <summary>Counts the authorizations creators give, by how the connection stood before: what is not a first one is somebody who had to come back.</summary>
internal sealed class Grants : IDisposable
{
    private readonly Meter meter = new("Connections");
    private readonly Counter<long> given;

    public Grants() => given = meter.CreateCounter<long>("connection.grants", "{connection}", "Authorizations given, by platform and by how the connection stood before: NotConnected is a first one.");

    public void Count(string platform, Standing before) => given.Add(1, new("platform", platform), new("was", before.ToString()));

    public void Dispose() => meter.Dispose();
}
