using System.Diagnostics.Metrics;
using EventSourcing;
using Marten;
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

    /// <summary>In the transaction that records the fact.</summary>
    public void Write(IDocumentOperations operations, Recipient recipient, DateTimeOffset now) => WorkList.Settle(operations, recipient, Verdict, Reason, now);

    /// <summary>Once it is committed.</summary>
    public void Count() => Verdicts.Add(1, new KeyValuePair<string, object?>("verdict", Verdict.ToString()), new KeyValuePair<string, object?>("reason", Reason));
}
