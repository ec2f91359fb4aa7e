using CsCheck;
using JasperFx.Events;
using Shouldly;

namespace Campaigns.Tests.Decisions;

public sealed class RosterFoldTests
{
    private static readonly Guid Everyone = new("0190a000-0000-7000-8000-00000000000e");
    private static readonly Guid[] Creators = [.. Enumerable.Range(1, 4).Select(Id)];
    private static readonly Guid[] Campaigns = [.. Enumerable.Range(11, 3).Select(Id)];
    private static readonly DateTimeOffset Start = new(2027, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Pages_of_any_size_come_to_the_same_rows_changes_and_counts() => Histories.Sample(history =>
    {
        var whole = Fold(history, history.Length + 1);
        foreach (var size in (int[])[1, 3, 7])
        {
            var paged = Fold(history, size);
            paged.Rows.ShouldBe(whole.Rows);
            paged.Changes.ShouldBe(whole.Changes);
            paged.Counts.ShouldBe(whole.Counts);
            paged.Days.ShouldBe(whole.Days);
        }
    });

    [Fact]
    public void The_counts_are_those_of_the_rows_and_the_days_add_up_to_them() => Histories.Sample(history =>
    {
        var end = Fold(history, 5);

        var counted = end.Rows.Where(row => row.Value.OnRoster).GroupBy(row => (row.Key.Campaign, row.Value.Standing)).ToDictionary(group => group.Key, group => (long)group.Count());
        end.Counts.ShouldBe(counted, ignoreOrder: true);
        var summed = end.Days.GroupBy(day => (day.Key.Campaign, day.Key.Standing)).Select(group => (group.Key, Sum: group.Sum(day => day.Value))).Where(group => group.Sum != 0).ToDictionary(group => group.Key, group => group.Sum);
        summed.ShouldBe(counted.GroupBy(count => (count.Key.Campaign, count.Key.Standing.WithoutOutreach)).ToDictionary(group => group.Key, group => group.Sum(count => count.Value)), ignoreOrder: true);
    });

    [Fact]
    public void The_last_change_of_a_row_is_how_it_stands() => Histories.Sample(history =>
    {
        var end = Fold(history, 5);
        foreach (var (key, row) in end.Rows)
        {
            if (end.Changes.LastOrDefault(change => (change.CampaignId, change.CreatorId) == key) is { } last)
            {
                last.Standing.ShouldBe(row.Counted);
            }
            else
            {
                row.Counted.ShouldBeNull();
            }
        }
    });

    [Fact]
    public void A_page_that_is_applied_again_moves_nothing() => Histories.Sample(history =>
    {
        var fold = new RosterFold(Everyone);
        foreach (var @event in history)
        {
            fold.Apply(@event);
        }

        var (changes, counts) = (fold.Changes.Count, fold.Counts.Where(count => count.Value != 0).ToDictionary());
        foreach (var @event in history.Where(@event => @event.Data is not OutreachProgressed))
        {
            fold.Apply(@event);
        }

        fold.Changes.Count.ShouldBe(changes);
        fold.Counts.Where(count => count.Value != 0).ToDictionary().ShouldBe(counts);
    });

    [Fact]
    public void News_of_before_a_creator_joined_counts_from_the_joining_on()
    {
        var fold = new RosterFold(Everyone);
        fold.Apply(At(1, new AccessNoted(Id(21), Creators[0], "youtube", "Connected", null, 1, Start)));
        fold.Apply(At(2, new JoinedRoster(Id(31), Campaigns[0], Creators[0])));

        fold.Row((Campaigns[0], Creators[0])).Standing.ShouldBe(default(Standing).With("YouTubeInsights", "Connected"));
        fold.Changes.ShouldBe([new RosterChange(Campaigns[0], Creators[0], 2, Start.AddHours(2), default(Standing).With("YouTubeInsights", "Connected"))]);
    }

    [Fact]
    public void A_warning_shows_until_the_connection_is_granted_renewed_or_lost()
    {
        var fold = new RosterFold(Everyone);
        var row = (Campaigns[0], Creators[0]);
        fold.Apply(At(1, new JoinedRoster(Id(31), Campaigns[0], Creators[0])));
        fold.Apply(At(2, new AccessNoted(Id(21), Creators[0], "youtube", "Connected", null, 1, Start)));
        fold.Apply(At(3, new ExpiryNoted(Id(21), Creators[0], "youtube", Start.AddDays(14), 2)));
        fold.Row(row).Expiring.ShouldBe(Start.AddDays(14));

        fold.Apply(At(4, new ExpiryNoted(Id(21), Creators[0], "youtube", null, 3)));
        fold.Row(row).Expiring.ShouldBeNull();

        fold.Apply(At(5, new ExpiryNoted(Id(21), Creators[0], "youtube", Start.AddDays(3), 4)));
        fold.Apply(At(6, new AccessNoted(Id(21), Creators[0], "youtube", "Expired", null, 5, Start)));
        fold.Row(row).Expiring.ShouldBeNull();
    }

    [Fact]
    public void Whoever_left_is_counted_no_more_and_comes_back_as_they_stand_then()
    {
        var fold = new RosterFold(Everyone);
        fold.Apply(At(1, new JoinedRoster(Id(31), Campaigns[0], Creators[0]), version: 1));
        fold.Apply(At(2, new LeftRoster(Id(31), Campaigns[0], Creators[0]), version: 2));
        fold.Apply(At(3, new AccessNoted(Id(21), Creators[0], "tiktok", "Connected", null, 1, Start)));
        fold.Counts.Values.ShouldAllBe(count => count == 0);

        fold.Apply(At(4, new JoinedRoster(Id(31), Campaigns[0], Creators[0]), version: 3));
        fold.Counts.Where(count => count.Value != 0).ShouldBe([new((Campaigns[0], default(Standing).With("TikTokInsights", "Connected")), 1)]);
    }

    [Fact]
    public void A_registered_creator_stands_among_everyone()
    {
        var fold = new RosterFold(Everyone);
        fold.Apply(At(1, new CreatorAdmitted(Creators[0])));
        fold.Row((Everyone, Creators[0])).OnRoster.ShouldBeTrue();
    }

    /// <summary>Events as the store could hold them: streams in their own order, mixed with one another.</summary>
    private static Gen<IEvent[]> Histories { get; } =
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 3]).Array[1, 60].Select(steps =>
        {
            var versions = new Dictionary<Guid, long>();
            return steps.Select((step, index) =>
            {
                var (kind, who, where, which, how) = step;
                var (creator, campaign) = (Creators[who], Campaigns[where]);
                var platform = ConnectionType.Platforms[which];
                var (membership, access) = (Id(100 + (10 * who) + where), Id(200 + (10 * who) + which));
                object data = kind switch
                {
                    0 => new CreatorAdmitted(creator),
                    1 => how == 0 ? new LeftRoster(membership, campaign, creator) : new JoinedRoster(membership, campaign, creator),
                    2 => new AccessNoted(access, creator, platform, ConnectionStatus.All[how], null, index, Start),
                    3 => new ExpiryNoted(access, creator, platform, how == 0 ? null : Start.AddDays(how), index),
                    4 => new MarketplaceNoted(Id(300 + who), creator, ((string[])["Joined", "Invited", "Declined", "NotEligible"])[how], index, Start),
                    _ => new OutreachNoted(Id(400), campaign, creator, Id(500), Id(600 + index), "creator-hub-invitation", Start.AddMinutes(index), OutreachState.All[1 + how]),
                };
                var stream = data switch { CreatorAdmitted => creator, JoinedRoster or LeftRoster => membership, _ => Id(900 + index) };
                versions[stream] = versions.GetValueOrDefault(stream) + 1;
                return At(index + 1, data, versions[stream]);
            }).Where(@event => @event is not { Data: CreatorAdmitted, Version: > 1 }).ToArray();
        });

    private sealed record End(
        IReadOnlyDictionary<(Guid Campaign, Guid Creator), RosterFact> Rows, IReadOnlyList<RosterChange> Changes,
        IReadOnlyDictionary<(Guid, Standing), long> Counts, IReadOnlyDictionary<(Guid Campaign, DateOnly Day, Standing Standing), long> Days);

    /// <summary>As the projection does it: every page knows what the ones before left.</summary>
    private static End Fold(IReadOnlyList<IEvent> history, int size)
    {
        var rows = new SortedDictionary<(Guid, Guid), RosterFact>();
        var connections = new Dictionary<(Guid Creator, string Type), ConnectionFact>();
        var changes = new List<RosterChange>();
        var counts = new Dictionary<(Guid, Standing), long>();
        var days = new Dictionary<(Guid, DateOnly, Standing), long>();
        foreach (var page in history.Chunk(size))
        {
            var fold = new RosterFold(Everyone);
            var concerned = RosterFold.Creators(page).ToHashSet();
            foreach (var ((creator, type), fact) in connections.Where(fact => concerned.Contains(fact.Key.Creator)))
            {
                fold.Know(creator, type, fact);
            }

            foreach (var ((campaign, creator), fact) in rows.Where(row => concerned.Contains(row.Key.Item2)))
            {
                fold.Know(campaign, creator, fact);
            }

            foreach (var @event in page)
            {
                fold.Apply(@event);
            }

            foreach (var key in fold.TouchedConnections)
            {
                connections[key] = fold.Connection(key);
            }

            foreach (var key in fold.TouchedRows)
            {
                rows[key] = fold.Row(key);
            }

            changes.AddRange(fold.Changes);
            Sum(counts, fold.Counts);
            Sum(days, fold.Days);
        }

        return new(rows.ToDictionary(), changes, Sorted(counts), Sorted(days));
    }

    private static void Sum<TKey>(Dictionary<TKey, long> sums, IReadOnlyDictionary<TKey, long> more)
        where TKey : notnull
    {
        foreach (var (key, value) in more)
        {
            sums[key] = sums.GetValueOrDefault(key) + value;
        }
    }

    private static Dictionary<TKey, long> Sorted<TKey>(Dictionary<TKey, long> sums)
        where TKey : notnull
        => sums.Where(sum => sum.Value != 0).OrderBy(sum => sum.Key.ToString(), StringComparer.Ordinal).ToDictionary();

    private static IEvent At(long sequence, object data, long version = 1)
    {
        var @event = (IEvent)Activator.CreateInstance(typeof(Event<>).MakeGenericType(data.GetType()), data)!;
        (@event.Sequence, @event.Version, @event.Timestamp) = (sequence, version, Start.AddHours(sequence));
        return @event;
    }

    private static Guid Id(int number) => new(number, 0, 0, new byte[8]);
}
