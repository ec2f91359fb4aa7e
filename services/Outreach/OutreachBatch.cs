using EventSourcing;

namespace Outreach;

/// <summary>Somebody asked for one bulk send. <paramref name="Fingerprint"/> tells a repeated request from another one under the same key.</summary>
public sealed record OutreachRequested(Guid OutreachId, Guid CampaignId, string Template, int Recipients, string Fingerprint, string RequestedBy);

/// <summary>Whom the outreach is for. A fact of its own, so that a large outreach can name its recipients in portions.</summary>
public sealed record RecipientsChosen(IReadOnlyList<Guid> CreatorIds);

/// <summary>Every recipient has a verdict.</summary>
public sealed record OutreachCompleted(int Sent, int Skipped, int Failed);

public sealed record OutreachBatch(Guid Id, Guid CampaignId, string Template, int Recipients, string Fingerprint, bool IsCompleted)
    : IStreamState<OutreachBatch>
{
    /// <summary>A repeated request must find the outreach of the first, so the key it came with decides the id.</summary>
    public static Guid IdOf(string organization, string idempotencyKey) => StreamId.Of("outreach", organization, idempotencyKey);

    public static OutreachBatch? Fold(OutreachBatch? state, object @event) => (state, @event) switch
    {
        (null, OutreachRequested e) => new(e.OutreachId, e.CampaignId, e.Template, e.Recipients, e.Fingerprint, false),
        ({ } b, OutreachCompleted) => b with { IsCompleted = true },
        _ => state,
    };
}
