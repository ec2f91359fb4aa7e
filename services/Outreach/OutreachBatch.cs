using EventSourcing;

namespace Outreach;

/// <summary>Asks again those who have not answered.</summary>
/// <param name="AfterDays">So long after everybody had their verdict.</param>
/// <param name="Times">So often.</param>
public sealed record FollowUpPlan(int AfterDays, int Times)
{
    [System.Text.Json.Serialization.JsonIgnore]
    public TimeSpan After => TimeSpan.FromDays(AfterDays);
}

/// <summary>Somebody asked for one bulk send. <paramref name="Fingerprint"/> tells a repeated request from another one under the same key.</summary>
/// <param name="OutreachId">This outreach.</param>
/// <param name="CampaignId">What for.</param>
/// <param name="Template">The template's key.</param>
/// <param name="Recipients">How many were named; 0 when a filter or an earlier outreach names them.</param>
/// <param name="Fingerprint">Of the request.</param>
/// <param name="RequestedBy">Who asked.</param>
/// <param name="TemplateVersion">The very text.</param>
/// <param name="Filter">The query of the creators list that names the recipients.</param>
/// <param name="SendAt">Nothing is sent before.</param>
/// <param name="FollowUp">Whether and how those who do not answer are asked again.</param>
/// <param name="Parent">The outreach this one follows up.</param>
/// <param name="Round">0 for the first, 1 for its first follow-up.</param>
public sealed record OutreachRequested(
    Guid OutreachId, Guid CampaignId, string Template, int Recipients, string Fingerprint, string RequestedBy, Guid? TemplateVersion = null, string? Filter = null,
    DateTimeOffset? SendAt = null, FollowUpPlan? FollowUp = null, Guid? Parent = null, int Round = 0);

/// <summary>Nothing more is sent until it is resumed.</summary>
public sealed record OutreachPaused(string By);

public sealed record OutreachResumed(string By);

/// <summary>Nothing more is sent at all.</summary>
public sealed record OutreachCancelled(string By);

/// <summary>Every recipient has a verdict.</summary>
public sealed record OutreachCompleted(int Sent, int Skipped, int Failed);

public sealed record OutreachBatch(
    Guid Id, Guid CampaignId, string Template, Guid TemplateVersion, int Recipients, string Fingerprint, DateTimeOffset? SendAt, FollowUpPlan? FollowUp, Guid? Parent,
    int Round, bool IsPaused, bool IsCancelled, bool IsCompleted)
    : IStreamState<OutreachBatch>
{
    /// <summary>A repeated request must find the outreach of the first, so the key it came with decides the id.</summary>
    public static Guid IdOf(string organization, string idempotencyKey) => StreamId.Of("outreach", organization, idempotencyKey);

    /// <summary><c>Scheduled</c>, <c>Running</c>, <c>Paused</c>, <c>Cancelled</c> or <c>Completed</c>.</summary>
    public string Status(DateTimeOffset now) => this switch
    {
        { IsCancelled: true } => "Cancelled",
        { IsCompleted: true } => "Completed",
        { IsPaused: true } => "Paused",
        { SendAt: { } at } when at > now => "Scheduled",
        _ => "Running",
    };

    public static OutreachBatch? Fold(OutreachBatch? state, object @event) => (state, @event) switch
    {
        (null, OutreachRequested e) => new(
            e.OutreachId, e.CampaignId, e.Template, e.TemplateVersion ?? Guid.Empty, e.Recipients, e.Fingerprint, e.SendAt, e.FollowUp, e.Parent, e.Round, false, false, false),
        ({ } b, OutreachPaused) => b with { IsPaused = true },
        ({ } b, OutreachResumed) => b with { IsPaused = false },
        ({ } b, OutreachCancelled) => b with { IsCancelled = true, IsPaused = false },
        ({ } b, OutreachCompleted) => b with { IsCompleted = true },
        _ => state,
    };
}
