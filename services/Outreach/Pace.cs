using EventSourcing;
using Npgsql;

namespace Outreach;

/// <summary>How fast and when an organization's messages may leave.</summary>
/// <param name="PerMinute">Messages a minute; null for as fast as the lines carry.</param>
/// <param name="DailyCap">Messages a day of <paramref name="TimeZone"/>; null for any number.</param>
/// <param name="QuietFrom">From then on, by the creator's clock, nobody is written to...</param>
/// <param name="QuietUntil">...until then. May be the next morning.</param>
/// <param name="TimeZone">The organization's, and that of creators whose own is not known.</param>
public sealed record Pace(int? PerMinute, int? DailyCap, TimeOnly? QuietFrom, TimeOnly? QuietUntil, TimeZoneInfo TimeZone)
{
    /// <summary>Nothing is held back.</summary>
    public static Pace Free { get; } = new(null, null, null, null, TimeZoneInfo.Utc);

    /// <summary>Nothing is counted.</summary>
    public bool IsFree => PerMinute is null && DailyCap is null;

    /// <summary>From one message to the next.</summary>
    public TimeSpan Interval => PerMinute is { } rate ? TimeSpan.FromMinutes(1) / rate : TimeSpan.Zero;

    /// <summary>Which day a message counts for.</summary>
    public DateOnly DayOf(DateTimeOffset now) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, TimeZone).DateTime);

    /// <summary>When the day after that begins.</summary>
    public DateTimeOffset DayAfter(DateTimeOffset now) => At(DayOf(now).AddDays(1), TimeOnly.MinValue, TimeZone);

    /// <summary>How many messages may leave now, when the next one may where none may, and what is left of the rate afterwards.</summary>
    /// <param name="freeAt">When the message after all those that have left may leave.</param>
    /// <param name="sentToday">Messages of the day of <paramref name="now"/>.</param>
    /// <param name="now">Now.</param>
    public (int Messages, DateTimeOffset NextAt) Room(DateTimeOffset? freeAt, int sentToday, DateTimeOffset now)
    {
        if (DailyCap is { } cap && sentToday >= cap)
        {
            return (0, DayAfter(now));
        }

        var left = DailyCap - sentToday ?? int.MaxValue;
        if (PerMinute is null)
        {
            return (left, now);
        }

        // What a second holds may leave at once: evenness finer than that would cost a turn per message.
        var due = freeAt is { } time && time > now ? time : now;
        var horizon = now + (Interval > TimeSpan.FromSeconds(1) ? Interval : TimeSpan.FromSeconds(1));
        var byRate = due >= horizon ? 0 : (int)Math.Floor((horizon - due) / Interval);
        return byRate == 0 ? (0, due + Interval - (horizon - now)) : (Math.Min(left, byRate), now);
    }

    /// <summary>When a creator may be written to again; null when that is now.</summary>
    /// <param name="now">Now.</param>
    /// <param name="creatorZone">IANA name of the creator's time zone, if it is known.</param>
    public DateTimeOffset? QuietEnds(DateTimeOffset now, string? creatorZone)
    {
        if (QuietFrom is not { } from || QuietUntil is not { } until || from == until)
        {
            return null;
        }

        var zone = creatorZone is not null && TimeZoneInfo.TryFindSystemTimeZoneById(creatorZone, out var known) ? known : TimeZone;
        var local = TimeZoneInfo.ConvertTime(now, zone);
        var time = TimeOnly.FromDateTime(local.DateTime);
        if (!time.IsBetween(from, until))
        {
            return null;
        }

        var day = DateOnly.FromDateTime(local.DateTime);
        return At(time < until ? day : day.AddDays(1), until, zone);
    }

    // A time that a clock change skips is taken as the first one after it.
    private static DateTimeOffset At(DateOnly day, TimeOnly time, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(time);
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(15);
        }

        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }
}

/// <summary>What an organization may send now, read and spent in one transaction, so that all replicas together keep to it.</summary>
internal sealed record Allowance(int Messages, DateTimeOffset NextAt, DateTimeOffset? FreeAt, int SentToday, DateTimeOffset Now, Pace Pace)
{
    public static async Task<Allowance> Read(NpgsqlConnection connection, string organization, Pace pace, DateTimeOffset now, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select free_at, case when day = $2 then sent_today else 0 end from outreach.pace where tenant_id = $1 for update", connection)
            .With(organization, pace.DayOf(now));
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        DateTimeOffset? freeAt = await reader.IsDBNullAsync(0, ct) ? null : reader.GetFieldValue<DateTimeOffset>(0);
        var sentToday = reader.GetInt32(1);
        var (messages, nextAt) = pace.Room(freeAt, sentToday, now);
        return new(messages, nextAt, freeAt, sentToday, now, pace);
    }

    public async Task Spend(NpgsqlConnection connection, string organization, int messages, CancellationToken ct)
    {
        var from = FreeAt is { } time && time > Now ? time : Now;
        await using var command = new NpgsqlCommand("update outreach.pace set free_at = $2, day = $3, sent_today = $4 where tenant_id = $1", connection)
            .With(organization, from + (Pace.Interval * messages), Pace.DayOf(Now), SentToday + messages);
        await command.ExecuteNonQueryAsync(ct);
    }
}
