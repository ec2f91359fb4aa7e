namespace Outreach;

/// <summary>Who an organization's messages come from.</summary>
public sealed record Sender(string? Name, Pace Pace);

/// <summary>The senders of all organizations.</summary>
public sealed class Senders
{
    public Task<Sender> Of(string organization, CancellationToken ct) => Task.FromResult(new Sender(null, Pace.Free));
}
