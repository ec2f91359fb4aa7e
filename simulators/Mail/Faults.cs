namespace Mail;

/// <summary>Where in an SMTP conversation a fault strikes.</summary>
public enum Stage
{
    /// <summary>At the greeting.</summary>
    Connect,

    /// <summary>At MAIL FROM.</summary>
    Mail,

    /// <summary>At RCPT TO.</summary>
    Rcpt,

    /// <summary>At DATA, before any content is sent.</summary>
    Data,

    /// <summary>When the content is through and the client waits to hear whether it was taken.</summary>
    Content,

    /// <summary>Later: the message was taken, and comes back as a delivery status notification.</summary>
    Bounce,

    /// <summary>Later: the message was taken, and its recipient calls it spam.</summary>
    Complaint,
}

/// <summary>Something that goes wrong on purpose.</summary>
/// <param name="At">Where it strikes.</param>
/// <param name="Times">How often, before it is used up.</param>
/// <param name="Code">Answer with this SMTP code (400 to 599) instead of carrying on.</param>
/// <param name="Text">The words of that answer.</param>
/// <param name="Drop">Close the connection without an answer.</param>
/// <param name="Keep">With <paramref name="Drop"/> at Content: was the message taken all the same? Then the client cannot know.</param>
/// <param name="DelayMilliseconds">Wait that long first; alone, the conversation then goes on as if nothing had been.</param>
/// <param name="To">Only where a recipient contains this.</param>
/// <param name="Status">At Bounce: the enhanced status code (RFC 3463) of the report.</param>
/// <param name="Action">At Bounce: <c>failed</c>, or <c>delayed</c> for news that it is still being tried.</param>
public sealed record Fault(
    Stage At, int Times = 1, int? Code = null, string Text = "Refused on purpose",
    bool Drop = false, bool Keep = true, int DelayMilliseconds = 0, string? To = null, string? Status = null, string Action = "failed");

/// <summary>The faults switched on, in the order they were.</summary>
internal sealed class Faults
{
    private readonly Lock gate = new();
    private readonly List<Fault> faults = [];

    public IReadOnlyList<Fault> All
    {
        get
        {
            lock (gate)
            {
                return [.. faults];
            }
        }
    }

    public void Add(Fault fault)
    {
        lock (gate)
        {
            faults.Add(fault);
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            faults.Clear();
        }
    }

    /// <summary>The fault that strikes now, if any; it has one time less from here on.</summary>
    public Fault? Strike(Stage stage, params IReadOnlyCollection<string> recipients)
    {
        lock (gate)
        {
            var index = faults.FindIndex(fault => fault.At == stage
                && (fault.To is null || recipients.Any(recipient => recipient.Contains(fault.To, StringComparison.OrdinalIgnoreCase))));
            if (index < 0)
            {
                return null;
            }

            var struck = faults[index];
            if (struck.Times > 1)
            {
                faults[index] = struck with { Times = struck.Times - 1 };
            }
            else
            {
                faults.RemoveAt(index);
            }

            return struck;
        }
    }
}
