namespace Mail;

/// <summary>Which reports a sender asked for with a message (RFC 3461).</summary>
/// <param name="EnvelopeId">ENVID: comes back in a report.</param>
/// <param name="Return">RET: FULL or HDRS.</param>
/// <param name="Recipients">What was asked for recipients, by address.</param>
public sealed record ReportRequest(string? EnvelopeId, string? Return, IReadOnlyDictionary<string, RecipientRequest> Recipients);

/// <summary>What was asked for one recipient.</summary>
/// <param name="Notify">NOTIFY: NEVER, or of SUCCESS, FAILURE and DELAY those wanted.</param>
/// <param name="Original">ORCPT: the address as it was first written to, its type before it.</param>
public sealed record RecipientRequest(IReadOnlyList<string>? Notify, string? Original)
{
    /// <summary>Is a report wanted? Whoever says nothing wants to hear of failures and may hear of delays.</summary>
    public bool Wants(string condition) => Notify is null || Notify.Contains(condition);
}
