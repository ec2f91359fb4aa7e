using EventSourcing;

namespace Outreach.Features;

/// <summary>Before anything is written to anybody: what was begun and never finished, who is not to be written to, who already was.</summary>
public static class ScreenRecipients
{
    /// <summary>Gives a verdict to those who need no message; answers the others.</summary>
    public static async Task<IReadOnlyList<Recipient>> Run(
        StreamSession session, IEnumerable<Recipient> recipients, Func<Recipient, string?> obstacle, DateTimeOffset now, TimeSpan window, CancellationToken ct)
    {
        var left = new List<Recipient>();

        // Two outreaches in one page may share a delivery; the second of them is looked at when the first has had its turn.
        foreach (var turn in Turns(recipients))
        {
            var decisions = new Dictionary<Guid, Decision>();
            await session.DecideAllAndSave<Delivery>(
                turn.Keys,
                (id, delivery) => decisions[id] = Decide(delivery, turn[id], obstacle(turn[id]), now, window),
                ct,
                alongside: operations =>
                {
                    foreach (var (id, decision) in decisions)
                    {
                        Settlement.Of(decision)?.Write(operations, turn[id], now);
                    }
                });

            foreach (var (id, decision) in decisions)
            {
                if (Settlement.Of(decision) is { } settlement)
                {
                    settlement.Count();
                }
                else
                {
                    left.Add(turn[id]);
                }
            }
        }

        return left;
    }

    public static Decision Decide(Delivery? delivery, Recipient recipient, string? obstacle, DateTimeOffset now, TimeSpan window) => delivery switch
    {
        { } d when d.HasVerdictFor(recipient.OutreachId) => Decision.Nothing,
        { Progress: Progress.Sending } d when d.IsHeldBy(recipient.OutreachId) => Decision.Of(new DeliveryInDoubt(recipient, d.Attempts)),
        _ when obstacle is not null => Decision.Of(new DeliverySkipped(recipient, obstacle)),
        { } d when !d.IsHeldBy(recipient.OutreachId) && d.BlocksAnother(now, window) => Decision.Of(new DeliverySkipped(recipient, "already-invited")),
        _ => Decision.Nothing,
    };

    private static IEnumerable<Dictionary<Guid, Recipient>> Turns(IEnumerable<Recipient> recipients)
    {
        var shared = recipients.GroupBy(Delivery.IdOf).Select(group => group.ToArray()).ToArray();
        for (var turn = 0; shared.Any(group => group.Length > turn); turn++)
        {
            yield return shared.Where(group => group.Length > turn).ToDictionary(group => Delivery.IdOf(group[turn]), group => group[turn]);
        }
    }
}
