using System.Diagnostics.Metrics;
using Marten;
using Marten.Services;

namespace Connections;

/// <summary>Counts what connections become, whoever's doing it was: in the one place that sees every commit. A rise of what is not Connected is creators who will have to authorize again.</summary>
internal sealed class Transitions : DocumentSessionListenerBase, IDisposable
{
    private readonly Meter meter = new("Connections");
    private readonly Counter<long> became;

    public Transitions() => became = meter.CreateCounter<long>("connection.transitions", "{connection}", "Connections that changed, by platform and what they became: Connected, Expired, or the reason of an invalidation.");

    /// <inheritdoc/>
    public override Task AfterCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token)
    {
        foreach (var @event in commit.GetStreams().SelectMany(stream => stream.Events))
        {
            (string Platform, string Became)? change = @event.Data switch
            {
                AccessGranted e => (e.Platform, nameof(Standing.Connected)),
                AccessRecovered e => (e.Platform, nameof(Standing.Connected)),
                AccessExpired e => (e.Platform, nameof(Standing.Expired)),
                AccessInvalidated e => (e.Platform, e.Reason),
                _ => null,
            };
            if (change is { } one)
            {
                became.Add(1, new("platform", one.Platform), new("became", one.Became));
            }
        }

        return Task.CompletedTask;
    }

    public void Dispose() => meter.Dispose();
}
