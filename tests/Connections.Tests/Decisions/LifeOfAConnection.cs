using Connections.Features;
using Connections.Platforms;
using Connections.Platforms.Instagram;
using Connections.Platforms.TikTok;
using Connections.Platforms.YouTube;
using Connections.Upkeep;
using CsCheck;
using EventSourcing;
using Shouldly;
using Xunit;
using static Connections.Tests.Given;

namespace Connections.Tests.Decisions;

/// <summary>Whatever happens to a connection, in whatever order and however often: stream and upkeep tell the same story, and only facts change it.</summary>
public sealed class LifeOfAConnection
{
    private static readonly Warnings Warnings = new(new());
    private static readonly UpkeepOptions Patience = new();

    private static readonly Observation[] Passing =
    [
        new(Observation.Unreachable), new("http-503", null, 503), new("4", null, 403), new("17", null, 400), new("internal_error", null, 500), new("rate_limit_exceeded", null, 429),
        new("quotaExceeded", null, 403), new("backendError", null, 503), new("invalid_client", null, 401), new("3", null, 400), new("accessNotConfigured", null, 403), new("never-heard-of", null, 400),
    ];

    private static readonly Observation[] Refusals =
    [
        new("190", "458", 400), new("190", "459", 400), new("190", "463", 400), new("190", null, 400), new("10", null, 403), new("368", null, 400),
        new("invalid_grant", null, 400), new("invalid_grant", null, 400, YouTubeDiagnosis.AccountDeleted), new("authError", null, 401), new("authenticatedUserAccountSuspended", null, 403),
        new("access_token_invalid", null, 401), new("scope_not_authorized", null, 401),
    ];

    private static readonly string[] NoticeReasons =
        [InvalidReason.Revoked, InvalidReason.AccountSuspended, InvalidReason.AccountDeleted, InvalidReason.DataDeletionRequested];

    private static readonly Gen<Action<World>> Waits = Gen.Int[1, 40_000].Select(minutes => new Action<World>(world => world.Wait(TimeSpan.FromMinutes(minutes))));
    private static readonly Gen<Action<World>> Outages = One(Passing).Select(seen => new Action<World>(world => world.Fails(seen)));
    private static readonly Gen<Action<World>> ApiOutages = One(Passing).Select(seen => new Action<World>(world => world.ApiFails(seen)));
    private static readonly Gen<Action<World>> Works = Gen.Const(new Action<World>(world => world.Works()));
    private static readonly Gen<Action<World>> Clock = Gen.Const(new Action<World>(world => world.LookAtClock()));

    private static readonly Gen<Action<World>> Anything = Gen.Frequency(
        (4, Waits),
        (3, Works),
        (2, Outages),
        (1, ApiOutages),
        (3, Clock),
        (3, One(Refusals).Select(seen => new Action<World>(world => world.Fails(seen)))),
        (1, One(Refusals).Select(seen => new Action<World>(world => world.ApiFails(seen)))),
        (2, Gen.Select(One(NoticeReasons), Gen.Int[-3000, 0]).Select(notice => new Action<World>(world => world.Notice(notice.Item1, notice.Item2)))),
        (2, Gen.Const(new Action<World>(world => world.Grant()))),
        (1, Gen.Const(new Action<World>(world => world.Disconnect()))),
        (1, Gen.Bool.Select(holding => new Action<World>(world => world.IsHolding = holding))));

    private static Gen<T> One<T>(T[] of) => Gen.Int[0, of.Length - 1].Select(index => of[index]);

    [Fact]
    public void Stream_and_upkeep_tell_the_same_story_after_any_sequence_of_happenings() =>
        Gen.Select(Gen.Int[0, 2], Anything.Array[1, 60]).Sample(
            (platform, happenings) =>
            {
                var world = new World(platform);
                world.Grant();
                foreach (var happening in happenings)
                {
                    happening(world);
                    world.Check();
                }
            },
            iter: 3_000);

    [Fact]
    public void No_path_leads_from_passing_failures_to_a_change() =>
        Gen.Select(Gen.Int[0, 2], Gen.Frequency((3, Waits), (5, Outages), (2, ApiOutages), (1, Works)).Array[1, 80]).Sample(
            (platform, happenings) =>
            {
                var world = new World(platform);
                world.Grant();
                foreach (var happening in happenings)
                {
                    happening(world);
                }

                world.Events.OfType<AccessGranted>().Count().ShouldBe(world.Events.Count);
                world.Connection!.Standing.ShouldBe(Standing.Connected);
            },
            iter: 3_000);

    [Fact]
    public void The_last_word_of_the_platform_or_of_the_creator_stands_whatever_went_before() =>
        Gen.Select(Gen.Int[0, 2], Anything.Array[0, 40]).Sample(
            (platform, happenings) =>
            {
                var world = new World(platform);
                foreach (var happening in happenings)
                {
                    happening(world);
                }

                world.Grant();
                world.Connection!.Standing.ShouldBe(Standing.Connected);
                world.Notice(InvalidReason.Revoked, 0);
                (world.Connection!.Standing, world.Connection.Reason).ShouldBe((Standing.Invalidated, InvalidReason.Revoked));
                var told = world.Events.Count;
                world.Notice(InvalidReason.Revoked, 0);
                world.Works();
                world.LookAtClock();
                world.Events.Count.ShouldBe(told);
            },
            iter: 2_000);

    /// <summary>One connection with the rules of the service and none of its servers.</summary>
    private sealed class World(int platform)
    {
        private readonly PlatformOptions options = platform switch { 0 => new InstagramOptions(), 1 => new YouTubeOptions(), _ => new TikTokOptions() };
        private readonly DiagnosisTable table = platform switch { 0 => InstagramDiagnosis.Table, 1 => YouTubeDiagnosis.Table(testing: false), _ => TikTokDiagnosis.Table };
        private DateTimeOffset now = Now;
        private UpkeepRow? row;

        public List<object> Events { get; } = [];

        public Connection? Connection => StreamFold<Connection>.Of(Events);

        public bool IsHolding { get; set; }

        public void Wait(TimeSpan time) => now += time;

        public void Grant()
        {
            var tokens = NewTokens();
            if (Record(GrantConnection.Decide(Connection, Creator, options, new("account-1", ["account-1"], new(null, null, null), options.RequiredScopes, tokens, false), false, Invitation, now)))
            {
                row = UpkeepRow.Of("aurora", Guid.Empty, Creator, options, tokens, [1], options.RequiredScopes, now, Warnings, 0.5) with { Version = (row?.Version ?? 0) + 1 };
            }
        }

        public void Works()
        {
            if (row is null)
            {
                return;
            }

            if (Weighing.StepFor(row, options.Refresh, now) == UpkeepStep.Refresh)
            {
                Apply(Weighing.Renewed(row, new(NewTokens(), null), options, Warnings, Patience, now, 0.5));
                if (row is null || !Weighing.NeedsProbe(row))
                {
                    return;
                }
            }

            Apply(Weighing.Well(row, options, now));
        }

        public void Fails(Observation seen)
        {
            if (row is not null)
            {
                Fail(row, Weighing.StepFor(row, options.Refresh, now) == UpkeepStep.Refresh ? "refresh" : "probe", seen);
            }
        }

        public void ApiFails(Observation seen)
        {
            if (row is not null)
            {
                Fail(row, "api", seen);
            }
        }

        public void Notice(string reason, int minutes)
        {
            if (Record(ApplyNotices.Decide(Connection, reason, "notice", now.AddMinutes(minutes))))
            {
                row = reason == InvalidReason.AccountSuspended && row is not null
                    ? row with { State = UpkeepState.Suspended, LostAt = now, ClockAt = null, Suspicion = null, IsHeld = false }
                    : null;
            }
        }

        public void Disconnect()
        {
            if (Record(DisconnectConnection.Decide(Connection, InvalidReason.DisconnectedByCreator, "creator", now)))
            {
                row = null;
            }
        }

        public void LookAtClock()
        {
            if (row is { ClockAt: { } due } && due <= now)
            {
                var end = row.EndsAt;
                var (next, warning) = WatchLifetimes.Weigh(row, Warnings, IsHolding, now);
                row = next;
                if (row is null || warning is not null)
                {
                    Record(WatchLifetimes.Decide(Connection, end!.Value, warning, now, Warnings.Skew));
                }
            }
        }

        public void Check()
        {
            var connection = Connection;
            (connection?.Standing == Standing.Connected).ShouldBe(row is { State: UpkeepState.Green });
            if (row is { State: UpkeepState.Suspended })
            {
                connection!.Reason.ShouldBe(InvalidReason.AccountSuspended);
            }

            if (row is { State: UpkeepState.Lost })
            {
                connection!.MayRecover.ShouldBeTrue();
            }

            // Nobody dies twice without having come to life in between. A locked account may turn out to be gone, what ran out may be disconnected, and an
            // erasure is owed to the dead.
            var alive = false;
            var (suspended, ranOut) = (false, false);
            foreach (var happened in Events)
            {
                switch (happened)
                {
                    case AccessGranted or AccessRecovered:
                        alive = true;
                        break;
                    case AccessExpired:
                        alive.ShouldBeTrue();
                        (alive, ranOut) = (false, true);
                        break;
                    case AccessInvalidated lost:
                        (alive || suspended || lost.Reason == InvalidReason.DataDeletionRequested || (ranOut && lost.Reason == InvalidReason.DisconnectedByCreator)).ShouldBeTrue();
                        (alive, suspended, ranOut) = (false, lost.Reason == InvalidReason.AccountSuspended, false);
                        break;
                }
            }

            // Every warning of one end of life is given once, the later one the tighter.
            foreach (var warnings in Events.OfType<ExpiryApproached>().GroupBy(warning => warning.EndsAt))
            {
                warnings.Select(warning => warning.Days).ShouldBe(warnings.Select(warning => warning.Days).Distinct().OrderDescending());
            }
        }

        private void Fail(UpkeepRow before, string source, Observation seen)
        {
            var diagnosis = table.Of(
                seen, new(now, before.EndsAt, before.IssuedAt, before.GrantedAt, before.AnswerLost, before.RejectedVersion is { } rejected && rejected < before.Version));
            Apply(Weighing.Failed(before, source, seen, diagnosis, IsHolding, options.Refresh, Patience, now, 0.5));
        }

        private void Apply(Weighed weighed)
        {
            if (weighed.Change is not null)
            {
                Record(RefreshConnections.Decide(Connection, weighed.Change, (weighed.Row ?? row)?.EndsAt, now));
            }

            row = weighed.Row;
        }

        private bool Record(Decision decision)
        {
            if (decision is not Decision.Recorded recorded)
            {
                return false;
            }

            Events.AddRange(recorded.Events);
            return true;
        }

        private TokenSet NewTokens() => platform switch
        {
            0 => new("a", now.AddDays(60), null, now.AddDays(60), now),
            1 => new("a", now.AddHours(1), "r", null, now),
            _ => new("a", now.AddHours(2), "r", now.AddDays(180), now),
        };
    }
}
