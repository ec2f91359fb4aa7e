using Connections.Platforms;
using Npgsql;

namespace Connections.Upkeep;

/// <summary>An access token good for a call now.</summary>
/// <param name="Value">The secret: into the request, nowhere else.</param>
/// <param name="Version">Of the token set it came from; named when an API refuses it.</param>
/// <param name="Scopes">What is granted.</param>
public sealed record UsableToken(string Value, long Version, IReadOnlyList<string> Scopes)
{
    /// <summary>Never prints the secret.</summary>
    public override string ToString() => $"UsableToken version {Version}";
}

/// <summary>Hands out access tokens for calls, renewed first where they are about to end, and hears of those that an API refused.</summary>
public sealed class AccessTokens(NpgsqlDataSource source, PlatformList platforms, Attendance attendance, UpkeepOptions options, TimeProvider clock)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    /// <summary>A token for a connection; null when it is not connected, its tokens cannot be opened, or a renewal did not succeed now.</summary>
    public async Task<UsableToken?> For(string organization, Guid connection, CancellationToken ct)
    {
        var giveUp = clock.GetUtcNow() + TimeSpan.FromSeconds(30);
        while (true)
        {
            var row = await UpkeepTable.One(source, organization, connection, ct);
            if (row is not { State: UpkeepState.Green } || platforms.Find(row.Platform) is not { } platform)
            {
                return null;
            }

            var now = clock.GetUtcNow();
            if (!NeedsRenewal(row, platform.Options.Refresh, now))
            {
                return await attendance.Open(row) is { } tokens ? new(tokens.AccessToken, row.Version, row.Scopes) : null;
            }

            // One renewal at a time, whoever asks: who does not get the lease waits for what its holder brings.
            var leased = await source.Read(UpkeepTable.LeaseOne(organization, connection, now, now + options.Lease), UpkeepTable.RowOf, ct);
            if (leased is [{ Lease: { } lease } one])
            {
                if (await attendance.Attend(lease, one.Row) is not { State: UpkeepState.Green } renewed || NeedsRenewal(renewed, platform.Options.Refresh, clock.GetUtcNow()))
                {
                    return null;
                }
            }
            else if (clock.GetUtcNow() > giveUp)
            {
                return null;
            }
            else
            {
                await Task.Delay(LookAgain, clock, ct);
            }
        }
    }

    /// <summary>An API refused a call in a way that may say something about the authorization; what it says is found out by upkeep.</summary>
    public async Task Refused(string organization, Guid connection, long version, Observation seen, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (await source.Read(UpkeepTable.LeaseOne(organization, connection, now, now + options.Lease), UpkeepTable.RowOf, ct) is not [{ Lease: { } lease, Row: var row }]
            || platforms.Find(row.Platform) is not { } platform)
        {
            return;
        }

        if (row.Version != version)
        {
            // About tokens that have been renewed since: let the lease go and look at the new ones.
            await source.Wrote(UpkeepTable.Save(row with { DueAt = now }, lease, row.Version, keepLease: false), ct);
            return;
        }

        await attendance.Failed(row, lease, "api", seen, platform);
    }

    // Tokens that cannot be renewed now are used to their end; the clock of the authorization says when that is.
    private static bool NeedsRenewal(UpkeepRow row, RefreshPolicy policy, DateTimeOffset now) =>
        row.RejectedVersion == row.Version || policy.IsEnding(row.IssuedAt, row.AccessEndsAt, now);
}
