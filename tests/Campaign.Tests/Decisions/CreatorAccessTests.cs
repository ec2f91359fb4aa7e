using Campaigns.Features;
using CreatorConnections.Contracts.Connections;
using EventSourcing;
using Shouldly;

namespace Campaigns.Tests.Decisions;

public sealed class CreatorAccessTests
{
    private static readonly Guid Connection = new("0190a000-0000-7000-8000-000000000003");
    private static readonly Guid Creator = new("0190a000-0000-7000-8000-000000000001");
    private static readonly DateTimeOffset Noon = new(2027, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_granted_connection_is_connected() =>
        Given.Nothing<CreatorAccess>().When(state => OnConnectionGranted.Decide(state, Granted(3))).Then(Noted("Connected", null, 3));

    [Fact]
    public void An_invalidated_connection_keeps_its_reason() =>
        Given.Events<CreatorAccess>(Noted("Connected", null, 3)).When(state => OnConnectionInvalidated.Decide(state, Invalidated(5)))
            .Then(Noted("Invalidated", "Revoked", 5));

    [Fact]
    public void An_expired_connection_has_no_reason_but_time() =>
        Given.Events<CreatorAccess>(Noted("Connected", null, 3)).When(state => OnConnectionExpired.Decide(state, Expired(4))).Then(Noted("Expired", null, 4));

    [Fact]
    public void A_connection_that_is_granted_again_is_connected_again() =>
        Given.Events<CreatorAccess>(Noted("Connected", null, 3), Noted("Invalidated", "Revoked", 5))
            .When(state => OnConnectionGranted.Decide(state, Granted(6)))
            .Then(Noted("Connected", null, 6));

    [Fact]
    public void The_first_news_may_be_of_an_end_because_messages_overtake_each_other() =>
        Given.Nothing<CreatorAccess>().When(state => OnConnectionInvalidated.Decide(state, Invalidated(5))).Then(Noted("Invalidated", "Revoked", 5));

    [Fact]
    public void News_older_than_what_is_known_changes_nothing() =>
        Given.Events<CreatorAccess>(Noted("Invalidated", "Revoked", 5)).When(state => OnConnectionGranted.Decide(state, Granted(3))).ThenNothing();

    [Fact]
    public void The_same_news_again_changes_nothing() =>
        Given.Events<CreatorAccess>(Noted("Expired", null, 4)).When(state => OnConnectionExpired.Decide(state, Expired(4))).ThenNothing();

    [Fact]
    public void Times_are_kept_in_utc_whatever_offset_they_were_written_with() =>
        Given.Nothing<CreatorAccess>().When(state => OnConnectionGranted.Decide(state, Granted(3) with { OccurredAt = Noon.ToOffset(TimeSpan.FromHours(2)) }))
            .Then(Noted("Connected", null, 3));

    [Fact]
    public void News_end_the_same_in_every_order_they_can_arrive_in()
    {
        Func<CreatorAccess?, Decision>[] news =
        [
            state => OnConnectionGranted.Decide(state, Granted(1)),
            state => OnConnectionExpired.Decide(state, Expired(2)),
            state => OnConnectionGranted.Decide(state, Granted(4)),
            state => OnConnectionInvalidated.Decide(state, Invalidated(6)),
            state => CreatorAccess.Note(state, Warned(5)),
        ];
        var ends = Orders(news).Select(order => order.Aggregate((CreatorAccess?)null, (state, decide) => decide(state) is Decision.Recorded recorded
            ? StreamFold<CreatorAccess>.Of(recorded.Events, state)
            : state)).ToArray();

        ends.Length.ShouldBe(120);
        ends.Distinct().ShouldBe([new CreatorAccess(Connection, Creator, "instagram", "Invalidated", "Revoked", 6, Noon, Noon.AddDays(7), 5)]);
    }

    private static IEnumerable<IEnumerable<T>> Orders<T>(IReadOnlyList<T> items) => items.Count == 0
        ? [[]]
        : items.SelectMany((first, at) => Orders<T>([.. items.Where((_, other) => other != at)]).Select(rest => rest.Prepend(first)));

    [Fact]
    public void A_warning_that_a_renewal_has_overtaken_changes_nothing() =>
        Given.Events<CreatorAccess>(Noted("Connected", null, 3), Warned(6) with { ExpiresAt = null }).When(state => CreatorAccess.Note(state, Warned(5))).ThenNothing();

    private static ExpiryNoted Warned(long sequence) => new(Connection, Creator, "instagram", Noon.AddDays(7), sequence);

    private static AccessNoted Noted(string status, string? reason, long sequence) => new(Connection, Creator, "instagram", status, reason, sequence, Noon);

    private static ConnectionGranted Granted(long sequence) => new()
    {
        OrganizationId = "aurora",
        ConnectionId = Connection,
        CreatorId = Creator,
        Platform = "instagram",
        AccountId = "1",
        Scopes = ["a"],
        Sequence = sequence,
        OccurredAt = Noon,
    };

    private static ConnectionInvalidated Invalidated(long sequence) => new()
    {
        OrganizationId = "aurora",
        ConnectionId = Connection,
        CreatorId = Creator,
        Platform = "instagram",
        Reason = "Revoked",
        Confidence = "confirmed",
        Sequence = sequence,
        OccurredAt = Noon,
    };

    private static ConnectionExpired Expired(long sequence) => new()
    {
        OrganizationId = "aurora",
        ConnectionId = Connection,
        CreatorId = Creator,
        Platform = "instagram",
        ExpiredAt = Noon,
        Sequence = sequence,
        OccurredAt = Noon,
    };
}
