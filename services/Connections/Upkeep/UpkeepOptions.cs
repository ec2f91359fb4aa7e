using System.ComponentModel.DataAnnotations;
using Connections.Platforms;

namespace Connections.Upkeep;

/// <summary>How often a platform has to say the same before it is believed.</summary>
public sealed class ProofOptions
{
    /// <summary>How many times, the first included.</summary>
    [Range(1, 20)]
    public int Asks { get; set; }

    /// <summary>Spread over at least this long.</summary>
    public TimeSpan Over { get; set; }
}

/// <summary>How connections are kept alive. Section <c>Upkeep</c>. When each platform's tokens are due is in <see cref="RefreshPolicy"/>.</summary>
public sealed class UpkeepOptions
{
    /// <summary>How often to look for connections that are due.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan LookEvery { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How many to lease at once.</summary>
    [Range(1, 1000)]
    public int PageSize { get; set; } = 100;

    /// <summary>How many calls to one platform may be under way at once in this process.</summary>
    [Range(1, 500)]
    public int Parallel { get; set; } = 16;

    /// <summary>How long a lease keeps other replicas away; longer than the calls of one round can take.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>First wait after a passing failure; it doubles, and is drawn at random up to that.</summary>
    public TimeSpan RetryFirst { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest wait after a passing failure.</summary>
    public TimeSpan RetryLongest { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long to leave a connection alone after a failure that is ours to mend.</summary>
    public TimeSpan OursAgain { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>What it takes to believe a plain refusal (<see cref="Proof.AskedTwice"/>).</summary>
    public ProofOptions Plain { get; set; } = new() { Asks = 2, Over = TimeSpan.FromMinutes(1) };

    /// <summary>What it takes where the words fit other causes too (<see cref="Proof.ProbedRepeatedly"/>).</summary>
    public ProofOptions Ambiguous { get; set; } = new() { Asks = 3, Over = TimeSpan.FromHours(1) };

    /// <summary>How often a lost or suspended connection is asked whether it works again.</summary>
    public TimeSpan RecoveryEvery { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long a connection whose loss was inferred is asked; then its tokens are dropped.</summary>
    public TimeSpan RecoveryFor { get; set; } = TimeSpan.FromDays(7);

    /// <summary>The same for a suspended account.</summary>
    public TimeSpan SuspendedFor { get; set; } = TimeSpan.FromDays(180);

    /// <summary>A renewal is told to others when the end of life moved by at least this much, or a warning had been given.</summary>
    public TimeSpan TellRenewalAfter { get; set; } = TimeSpan.FromDays(7);

    /// <summary>The proof a diagnosis asks for.</summary>
    public ProofOptions For(Proof proof) => proof == Proof.ProbedRepeatedly ? Ambiguous : Plain;
}
