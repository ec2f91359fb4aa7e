using System.ComponentModel.DataAnnotations;

namespace Connections.Insights;

/// <summary>How insights are pulled. Section <c>Insights</c>. When and how far back each platform's are pulled is in <see cref="Platforms.InsightsPolicy"/>.</summary>
public sealed class InsightsOptions
{
    /// <summary>Are insights pulled at all? Off for a process that serves requests only, and for measuring something else.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How often to look for connections whose insights are due.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan LookEvery { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many to lease at once.</summary>
    [Range(1, 1000)]
    public int PageSize { get; set; } = 16;

    /// <summary>How many connections of one platform are pulled at once in this process.</summary>
    [Range(1, 500)]
    public int Parallel { get; set; } = 4;

    /// <summary>How long a lease keeps other replicas away; longer than one step can take. Every step extends it.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>A connection just granted is pulled within this time.</summary>
    public TimeSpan FirstWithin { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How often to look for green connections that are not pulled, in case one was missed; those found are spread over the day.</summary>
    public TimeSpan AdoptEvery { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>First wait after a failure; it doubles, and is drawn at random up to that.</summary>
    public TimeSpan RetryFirst { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The longest wait after a failure.</summary>
    public TimeSpan RetryLongest { get; set; } = TimeSpan.FromHours(6);

    /// <summary>So many passing failures in a row, and insights are called failing. Other failures need no second one.</summary>
    [Range(1, 100)]
    public int FailingAfter { get; set; } = 3;

    /// <summary>A pull that began longer ago than this begins anew.</summary>
    public TimeSpan LongestPull { get; set; } = TimeSpan.FromHours(48);

    /// <summary>Insights older than this are called stale.</summary>
    public TimeSpan StaleAfter { get; set; } = TimeSpan.FromHours(36);

    /// <summary>How often to look for numbers that may not be kept any longer.</summary>
    public TimeSpan SweepLookEvery { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often each connection's numbers are looked through.</summary>
    public TimeSpan SweepEvery { get; set; } = TimeSpan.FromDays(1);
}
