using System.Diagnostics;
using System.Diagnostics.Metrics;
using Connections.Features;
using Connections.Platforms;
using Connections.Upkeep;
using EventSourcing;
using Npgsql;

namespace Connections.Insights;

/// <summary>
/// Gathers the insights of one leased connection a step at a time. What a step brought and where the next begins are stored in one transaction:
/// whoever takes over after a crash repeats one step at most, and repeating it changes nothing.
/// </summary>
public sealed class Gathering(
    NpgsqlDataSource source, StreamSessions sessions, PlatformList platforms, AccessTokens tokens, PlatformWatch watch, CallBudget budget, InsightsOptions options, TimeProvider clock) : IDisposable
{
    private static readonly ActivitySource Spans = new("Connections");
    private static readonly TimeSpan HeldAgain = TimeSpan.FromMinutes(1);
    private readonly Meter meter = new("Connections");
    private Counter<long>? steps;

    private Counter<long> Steps => steps ??= meter.CreateCounter<long>("insights.steps", "{step}", "Steps of pulls of insights, by platform and outcome.");

    /// <summary>Pulls until it is done, has to wait, or is asked to stop.</summary>
    public async Task Gather(Guid lease, PullRow row, CancellationToken stopping)
    {
        using var activity = Spans.StartActivity("pull insights");
        activity?.SetTag("platform", row.Platform);
        var current = row;
        while (await Step(lease, current) is { } next)
        {
            current = next;
            if (stopping.IsCancellationRequested)
            {
                await source.Run(PullTable.Save(current with { DueAt = clock.GetUtcNow() }, lease, null, clock.GetUtcNow()), default);
                return;
            }
        }
    }

    /// <summary>One step. The row as it goes on under the same lease; null when the lease was let go or lost.</summary>
    public async Task<PullRow?> Step(Guid lease, PullRow leased)
    {
        var (now, platform, insights) = (clock.GetUtcNow(), platforms.Find(leased.Platform)!, platforms.InsightsOf(leased.Platform)!);
        var policy = platform.Options.Insights;
        var row = leased.Begun(policy, options, now);
        var state = watch.StateOf(row.Platform);
        if (!state.MayCall(now) || state.IsHolding)
        {
            return await LetGo(row with { DueAt = Later(state.QuietUntil, now + HeldAgain) }, lease);
        }

        if (await budget.Take(platform.Options, insights.CostOf(row.Cursor), default) is { } until)
        {
            Note(row, "budget");
            return await LetGo(row.Waiting(until + (HeldAgain * Random.Shared.NextDouble()), "our-budget"), lease);
        }

        if (await tokens.For(row.Organization, row.ConnectionId, default) is not { } token)
        {
            // Upkeep knows why, and what comes of it. Asked again soon; red by then, it is laid aside.
            return await LetGo(row with { DueAt = now + options.RetryFirst }, lease);
        }

        InsightsStep step;
        try
        {
            step = await insights.Pull(token, row.Cursor, new(row.Kind!.Value, row.StartedAt!.Value), default);
        }
        catch (PlatformException refused)
        {
            Note(row, refused.Seen.Words);
            return await Failed(row, lease, token, refused.Seen, platform);
        }

        Note(row, "ok");
        now = clock.GetUtcNow();
        var advanced = row.Advanced(step, policy, now, Random.Shared.NextDouble());
        if (await Rest(step.Usage, advanced, policy, now) is { } rested)
        {
            // Its limit is near. Where there is more to do it goes on later, and a finished one is not called before that either.
            advanced = advanced with { DueAt = Later(step.Next is null ? advanced.DueAt : null, rested) };
        }
        else if (step.Next is not null)
        {
            return await Store(advanced, step, lease, keep: true, row.IsFailing) ? advanced : null;
        }

        await Store(advanced, step, lease, keep: false, row.IsFailing);
        return null;
    }

    public void Dispose() => meter.Dispose();

    private async Task<PullRow?> Failed(PullRow row, Guid lease, UsableToken token, Observation seen, IPlatform platform)
    {
        var now = clock.GetUtcNow();
        var diagnosis = platform.Diagnose(seen, new(now)).Then;
        if (diagnosis is Diagnosis.Passing { WholeApp: true })
        {
            var quiet = now + platform.Options.QuietFor(seen, now);
            await watch.Quieten(row.Platform, quiet, default);
            return await LetGo(row.Waiting(quiet + (HeldAgain * Random.Shared.NextDouble()), seen.Words), lease);
        }

        if (diagnosis is Diagnosis.OurFault)
        {
            await watch.Blame(row.Platform, seen.Words, default);
        }

        var failed = row.Failed(seen, diagnosis, options, now, Random.Shared.NextDouble());
        if (failed.IsFailing && !row.IsFailing)
        {
            await using var session = sessions.For(row.Organization);
            await session.DecideAndSave<InsightsFeed>(
                InsightsFeed.IdOf(row.Organization, row.ConnectionId),
                feed => PullInsights.Decide(feed, failed),
                default,
                within: async (transaction, _, ct) => await transaction.ExecuteAsync(PullTable.Save(failed, lease, null, now), ct) == 1);
        }
        else
        {
            await LetGo(failed, lease);
        }

        if (diagnosis is Diagnosis.Dead or Diagnosis.Ended or Diagnosis.NeedsRefresh)
        {
            await tokens.Refused(row.Organization, row.ConnectionId, token.Version, seen, default);
        }

        return null;
    }

    // The app's limit is everybody's: near its end all of them wait. An account's is its own.
    private async Task<DateTimeOffset?> Rest(UsageReport? usage, PullRow row, InsightsPolicy policy, DateTimeOffset now)
    {
        if (usage is null)
        {
            return null;
        }

        if (usage.App >= policy.PauseAt)
        {
            await watch.Quieten(row.Platform, now + policy.PauseFor, default);
            return now + policy.PauseFor;
        }

        return usage.Account >= policy.PauseAt ? now + (usage.RegainAfter ?? policy.PauseFor)
            : usage.App >= policy.SlowAt || usage.Account >= policy.SlowAt ? now + policy.SlowFor
            : null;
    }

    private async Task<bool> Store(PullRow row, InsightsStep step, Guid lease, bool keep, bool wasFailing)
    {
        var now = clock.GetUtcNow();
        NpgsqlCommand[] commands = [PullTable.Save(row, lease, keep ? now + options.Lease : null, now), .. SeriesTables.Store(new(row.Organization, row.ConnectionId), step, now)];
        if (step.Next is null && (wasFailing || row.Last.AccountMetrics > 0 || row.Last.ContentMetrics > 0))
        {
            await using var session = sessions.For(row.Organization);
            var outcome = await session.DecideAndSave<InsightsFeed>(
                InsightsFeed.IdOf(row.Organization, row.ConnectionId),
                feed => PullInsights.Decide(feed, row),
                default,
                within: async (transaction, _, ct) =>
                {
                    // A race that was lost runs this again: a command belongs to one attempt.
                    var isHeld = await transaction.ExecuteAsync(commands[0].Clone(), ct) == 1;
                    foreach (var command in isHeld ? commands[1..] : [])
                    {
                        await transaction.ExecuteAsync(command.Clone(), ct);
                    }

                    return isHeld;
                });
            return outcome.IsRecorded;
        }

        await using var connection = await source.OpenConnectionAsync();
        await using var plain = await connection.BeginTransactionAsync();
        foreach (var command in commands)
        {
            (command.Connection, command.Transaction) = (connection, plain);
            if (await command.ExecuteNonQueryAsync() == 0 && command == commands[0])
            {
                return false;
            }
        }

        await plain.CommitAsync();
        return true;
    }

    private async Task<PullRow?> LetGo(PullRow row, Guid lease)
    {
        await source.Run(PullTable.Save(row, lease, null, clock.GetUtcNow()), default);
        return null;
    }

    private void Note(PullRow row, string outcome) => Steps.Add(1, new("platform", row.Platform), new("outcome", outcome));

    private static DateTimeOffset Later(DateTimeOffset? one, DateTimeOffset other) => one > other ? one.Value : other;
}
