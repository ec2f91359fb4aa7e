using EventSourcing;

namespace Outreach.Features;

/// <summary>Writes the recipients of an outreach into the work list, a portion at a time: those that were named, those a filter names, or those that a follow-up is for.</summary>
public sealed class PrepareOutreach(Schedule schedule, WorkList work, Roster roster, StreamSessions sessions, DeliveryOptions options, TimeProvider clock)
{
    /// <summary>One portion. False when another worker is at it.</summary>
    public async Task<bool> Run(Turn turn, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (!await schedule.Prepares(turn, now, now + options.Lease, ct))
        {
            return false;
        }

        await using var session = sessions.For(turn.Organization);
        if (turn.Parent is { } parent)
        {
            await FollowUp(session, turn, parent, now, ct);
        }
        else if (turn.Filter is { } filter)
        {
            var page = await roster.Page(turn.Organization, turn.CampaignId, filter, turn.Cursor, ct);
            var position = Positions.Of(turn.Cursor);
            await Add(session, turn, page.Creators, position, page.Next is { } next ? Positions.Mark(next, position + page.Creators.Count) : null, now, ct);
        }
        else if (await schedule.NextPortion(turn, ct) is { } portion)
        {
            if (portion.Number is 1)
            {
                await schedule.Analyze(ct);
            }

            await session.DecideAndSave<OutreachBatch>(
                turn.Outreach,
                _ => Decision.Nothing,
                ct,
                alongside: operations =>
                {
                    Schedule.ReadTo(operations, turn, "more");
                    WorkList.Add(operations, turn, portion.Creators, (long)portion.Number * Schedule.Portion, turn.SendAt ?? now, now);
                    Schedule.Took(operations, turn, portion.Number);
                });
        }
        else
        {
            await session.DecideAndSave<OutreachBatch>(turn.Outreach, _ => Decision.Nothing, ct, alongside: operations => Schedule.ReadTo(operations, turn, null));
        }

        return true;
    }

    // Whoever was reached by the outreach before and has done nothing since.
    private async Task FollowUp(StreamSession session, Turn turn, Guid parent, DateTimeOffset now, CancellationToken ct)
    {
        var after = Positions.Of(turn.Cursor);
        var rows = await work.List(turn.Organization, parent, after, Schedule.Portion, nameof(Verdict.Sent), ct);
        await Add(session, turn, [.. rows.Select(row => row.CreatorId)], after, rows.Count == Schedule.Portion ? Positions.Mark("", rows[^1].Position) : null, now, ct);
    }

    private static Task Add(
        StreamSession session, Turn turn, IReadOnlyList<Guid> creators, long position, string? cursor, DateTimeOffset now, CancellationToken ct) =>
        session.DecideAndSave<OutreachBatch>(
            turn.Outreach,
            _ => Decision.Nothing,
            ct,
            alongside: operations =>
            {
                Schedule.ReadTo(operations, turn, cursor);
                WorkList.Add(operations, turn, creators, position, turn.SendAt is { } at && at > now ? at : now, now);
            });

    /// <summary>A cursor that carries how many recipients there are before it: <c>{position}|{cursor}</c>.</summary>
    internal static class Positions
    {
        public static string Mark(string cursor, long position) => $"{position}|{cursor}";

        public static long Of(string? mark) => mark is null ? 0 : long.Parse(mark[..mark.IndexOf('|')], System.Globalization.CultureInfo.InvariantCulture);

        public static string? Cursor(string? mark) => mark?[(mark.IndexOf('|') + 1)..];
    }
}
