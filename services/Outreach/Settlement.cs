using System.Diagnostics.Metrics;
using EventSourcing;
using Outreach.Channels.Email;

namespace Outreach;

/// <summary>The verdict a decision gives a recipient. It follows from the fact that was recorded and from nothing else.</summary>
public sealed record Settlement(Verdict Verdict, string? Reason)
{
    private static readonly Meter Meter = new("Outreach");
    private static readonly Counter<long> Verdicts = Meter.CreateCounter<long>("outreach.verdicts", "{recipient}", "Recipients that got their verdict.");

    /// <summary>Null for a decision that leaves the recipient waiting.</summary>
    public static Settlement? Of(Decision decision) => decision is Decision.Recorded { Events: [var fact] }
        ? fact switch
        {
            MessageAccepted => new(Verdict.Sent, null),
            DeliverySkipped e => new(Verdict.Skipped, e.Reason),
            DeliveryFailed e => new(Verdict.Failed, e.Reason),
            MessageBounced e => new(Verdict.Bounced, SmtpReply.OfReport(e.Code)),
            DeliveryInDoubt => new(Verdict.InDoubt, "in-doubt"),
            _ => null,
        }
        : null;

    /// <summary>The verdicts that decisions give, to be written in the transaction that records the facts.</summary>
    public static IReadOnlyList<(Guid Creator, Verdict Verdict, string? Reason)> Many(IReadOnlyDictionary<Guid, Decision> decisions, IReadOnlyDictionary<Guid, Recipient> recipients) =>
        [.. decisions.Select(one => (Recipient: recipients[one.Key], Settlement: Of(one.Value))).Where(one => one.Settlement is not null)
            .Select(one => (one.Recipient.CreatorId, one.Settlement!.Verdict, one.Settlement.Reason))];

    /// <summary>Once they are committed.</summary>
    public static void Count(IEnumerable<Decision> decisions)
    {
        foreach (var settlement in decisions.Select(Of).OfType<Settlement>())
        {
            Verdicts.Add(1, new KeyValuePair<string, object?>("verdict", settlement.Verdict.ToString()), new KeyValuePair<string, object?>("reason", settlement.Reason));
        }
    }
}
