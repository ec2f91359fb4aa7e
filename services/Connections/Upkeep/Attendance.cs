using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Connections.Features;
using Connections.Platforms;
using Connections.Vault;
using EventSourcing;
using Npgsql;

namespace Connections.Upkeep;

/// <summary>Attends to one leased connection: asks the platform what has to be asked, has the answer weighed, and stores what came of it.</summary>
public sealed partial class Attendance(
    NpgsqlDataSource source, StreamSessions sessions, PlatformList platforms, TokenVault vault, PlatformWatch watch, Warnings warnings, UpkeepOptions options, TimeProvider clock, ILogger<Attendance> logger)
    : IDisposable
{
    private static readonly ActivitySource Spans = new("Connections");
    private static readonly TimeSpan StoreAgain = TimeSpan.FromMilliseconds(500);
    private readonly Meter meter = new("Connections");
    private Counter<long>? calls;

    private Counter<long> Calls => calls ??= meter.CreateCounter<long>("connection.upkeep", "{call}", "Refreshes and probes, by platform, step and outcome.");

    /// <summary>One round for one row. Answers the row as it stands afterwards; null when it needs no more care or somebody else has it now.</summary>
    public async Task<UpkeepRow?> Attend(Guid lease, UpkeepRow row)
    {
        if (platforms.Find(row.Platform) is not { } platform)
        {
            return null;
        }

        using var activity = Spans.StartActivity("attend connection");
        activity?.SetTag("platform", row.Platform);
        if (await Open(row) is not { } tokens || !await MaySeal(row))
        {
            // Its key is not at hand. That is ours to mend, and says nothing about the creator.
            var waiting = row with { Trouble = "vault-key-missing", TroubleAt = clock.GetUtcNow(), DueAt = clock.GetUtcNow() + (options.OursAgain / 10) };
            return await Store(waiting, lease, row.Version, keepLease: false) ? waiting : null;
        }

        if (Weighing.StepFor(row, platform.Options.Refresh, clock.GetUtcNow()) == UpkeepStep.Refresh)
        {
            // A refresh is never cancelled: a token that was replaced while nobody listened is lost for good.
            Renewal renewal;
            try
            {
                renewal = await platform.Refresh(tokens, CancellationToken.None);
            }
            catch (PlatformException refused)
            {
                return await Failed(row, lease, "refresh", refused.Seen, platform);
            }

            Note(row, UpkeepStep.Refresh, "renewed");
            var renewed = Weighing.Renewed(row, renewal, platform.Options, warnings, options, clock.GetUtcNow(), Random.Shared.NextDouble());
            if (renewed.Change is not null)
            {
                // It ends, and its tokens are kept all the same: they are asked for a while whether the permission came back.
                return await StoreTokens(renewed.Row! with { State = row.State }, renewal.Tokens, lease, row.Version, keepLease: true)
                    ? await Change(renewed.Row!, renewed, lease, renewed.Row!.Version)
                    : null;
            }

            var goesOn = Weighing.NeedsProbe(renewed.Row!);
            var tells = Tells(row, renewed.Row!);
            if (!await StoreTokens(renewed.Row!, renewal.Tokens, lease, row.Version, keepLease: goesOn || tells))
            {
                await vault.SealAndSave(
                    row.Organization, row.CreatorId, row.ConnectionId, renewal.Tokens, sealedTokens => source.Wrote(UpkeepTable.KeepTokens(renewed.Row!, sealedTokens, row.Version), default), default);
                return null;
            }

            watch.Count(row.Platform, failed: false);
            (row, tokens) = (renewed.Row!, renewal.Tokens);
            if (tells && await Tell(row, lease, goesOn) is var told)
            {
                row = told;
            }

            if (!goesOn)
            {
                return row;
            }
        }

        try
        {
            await platform.Probe(tokens, CancellationToken.None);
        }
        catch (PlatformException refused) when (platform.Diagnose(refused.Seen, FactsOf(row)).Then is not Diagnosis.NothingThere)
        {
            return await Failed(row, lease, "probe", refused.Seen, platform);
        }
        catch (PlatformException)
        {
            // Nothing there to look at, and allowed to look: the authorization is well.
        }

        Note(row, UpkeepStep.Probe, "well");
        watch.Count(row.Platform, failed: false);
        var well = Weighing.Well(row, platform.Options, clock.GetUtcNow());
        return well.Change is null
            ? await Store(well.Row!, lease, row.Version, keepLease: false) ? well.Row : null
            : await Change(row, well, lease, row.Version);
    }

    /// <summary>An API call made elsewhere failed in a way that says something about the authorization.</summary>
    public async Task<UpkeepRow?> Failed(UpkeepRow row, Guid lease, string where, Observation seen, IPlatform platform)
    {
        var now = clock.GetUtcNow();
        var diagnosis = platform.Diagnose(seen, FactsOf(row));
        Note(row, where == "refresh" ? UpkeepStep.Refresh : UpkeepStep.Probe, diagnosis.Id);
        switch (diagnosis.Then)
        {
            case Diagnosis.Passing { WholeApp: true }:
                await watch.Quieten(row.Platform, now + platform.Options.QuietFor(seen, now), default);
                break;
            case Diagnosis.OurFault:
                await watch.Blame(row.Platform, seen.Words, default);
                break;
        }

        var weighed = Weighing.Failed(row, where, seen, diagnosis, watch.StateOf(row.Platform).IsHolding, platform.Options.Refresh, options, now, Random.Shared.NextDouble());
        if (weighed.CountsAsFailed)
        {
            watch.Count(row.Platform, failed: true);
        }

        return weighed is { Change: null, Row: { } next }
            ? await Store(next, lease, row.Version, keepLease: false) ? next : null
            : await Change(row, weighed, lease, row.Version);
    }

    /// <summary>Opens a row's tokens; null when their key is not at hand.</summary>
    public async Task<TokenSet?> Open(UpkeepRow row)
    {
        // As the lease brought them; read again only where their key was given up since.
        var atHand = SealedTokens.FromBytes(row.Sealed);
        try
        {
            return await vault.Open(
                row.Organization,
                row.CreatorId,
                async () => Interlocked.Exchange(ref atHand, null) ?? await UpkeepTable.TokensOf(source, row.Organization, row.ConnectionId, default),
                default);
        }
        catch (CryptographicException)
        {
            VaultShut(row.Organization, row.ConnectionId);
            return null;
        }
    }

    public void Dispose() => meter.Dispose();

    // Asked before the platform is: tokens that come and cannot be sealed would be lost. The key that has just opened the old ones seals the new.
    private async Task<bool> MaySeal(UpkeepRow row)
    {
        try
        {
            if (SealedTokens.FromBytes(row.Sealed).Generation is not null)
            {
                return true;
            }

            await vault.Prepare(row.Organization, row.CreatorId, default);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private TokenFacts FactsOf(UpkeepRow row) => new(
        clock.GetUtcNow(), row.EndsAt, row.IssuedAt, row.GrantedAt, row.AnswerLost, RefreshedSince: row.RejectedVersion is { } rejected && rejected < row.Version);

    private bool Tells(UpkeepRow before, UpkeepRow after) => after.State == UpkeepState.Green
        && (before.WarnedDays != after.WarnedDays
            || (after.EndsAt - after.ToldEndsAt)?.Duration() >= options.TellRenewalAfter
            || !before.Scopes.Order().SequenceEqual(after.Scopes.Order()));

    private async Task<UpkeepRow> Tell(UpkeepRow row, Guid lease, bool keepLease)
    {
        var told = row with { ToldEndsAt = row.EndsAt };
        await using var session = sessions.For(row.Organization);
        await session.DecideAndSave<Connection>(
            row.ConnectionId,
            connection => RefreshConnections.DecideRenewed(connection, row.EndsAt, row.Scopes),
            default,
            within: (transaction, _, ct) => transaction.Wrote(UpkeepTable.Save(told, lease, row.Version, keepLease), ct));
        return told;
    }

    private async Task<UpkeepRow?> Change(UpkeepRow row, Weighed weighed, Guid lease, long readVersion)
    {
        await using var session = sessions.For(row.Organization);
        var outcome = await session.DecideAndSave<Connection>(
            row.ConnectionId,
            connection => RefreshConnections.Decide(connection, weighed.Change, (weighed.Row ?? row).EndsAt, clock.GetUtcNow()),
            default,
            within: (transaction, _, ct) => transaction.Wrote(
                weighed.Row is { } next ? UpkeepTable.Save(next, lease, readVersion, keepLease: false) : UpkeepTable.Remove(row, lease, readVersion), ct));
        if (outcome.IsRecorded)
        {
            var became = weighed.Change switch
            {
                UpkeepChange.Lost lost => lost.Reason,
                UpkeepChange.Expired => nameof(Standing.Expired),
                _ => nameof(Standing.Connected),
            };
            Changed(row.Organization, row.ConnectionId, row.Platform, became);
        }

        return weighed.Row;
    }

    private Task<bool> Store(UpkeepRow row, Guid lease, long readVersion, bool keepLease) =>
        Stubbornly(() => source.Wrote(UpkeepTable.Save(row, lease, readVersion, keepLease), default));

    private Task<bool> StoreTokens(UpkeepRow row, TokenSet tokens, Guid lease, long readVersion, bool keepLease) => Stubbornly(() => vault.SealAndSave(
        row.Organization, row.CreatorId, row.ConnectionId, tokens, sealedTokens => source.Wrote(UpkeepTable.SaveTokens(row, sealedTokens, lease, readVersion, keepLease), default), default,
        SealedTokens.FromBytes(row.Sealed).Generation));

    // What came from the platform may exist nowhere else: while the lease lasts, a database or a vault that is away is waited for.
    private async Task<bool> Stubbornly(Func<Task<bool>> save)
    {
        var until = clock.GetUtcNow() + (options.Lease * 0.8);
        while (true)
        {
            try
            {
                return await save();
            }
            catch (Exception exception) when ((exception is NpgsqlException { IsTransient: true } or TokenVaultException { IsTransient: true }) && clock.GetUtcNow() < until)
            {
                await Task.Delay(StoreAgain, clock);
            }
        }
    }

    private void Note(UpkeepRow row, UpkeepStep step, string outcome) => Calls.Add(1, new("platform", row.Platform), new("step", step.ToString()), new("outcome", outcome));

    [LoggerMessage(LogLevel.Information, "Connection {Connection} of {Organization} at {Platform} became {Became} by upkeep.")]
    private partial void Changed(string organization, Guid connection, string platform, string became);

    [LoggerMessage(LogLevel.Error, "The tokens of connection {Connection} of {Organization} cannot be opened: the key that sealed them is not at hand. Nothing is changed; give the key back.")]
    private partial void VaultShut(string organization, Guid connection);
}
