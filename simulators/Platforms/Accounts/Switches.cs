using System.Text.Json.Serialization;

namespace Platforms.Accounts;

/// <summary>Where documents and live servers differ, or nobody knows: each difference is a switch, set through the control API.</summary>
public sealed record Switches
{
    /// <summary>Seconds added to the machine's clock, on all platforms: lifetimes, signatures and time stamps follow it.</summary>
    public long ClockOffsetSeconds { get; init; }

    /// <summary>Where the Creator Hub is, if not where the configuration says (Hub:PublicUrl).</summary>
    public string? HubPublicUrl { get; init; }

    public InstagramSwitches Instagram { get; init; } = new();

    [JsonPropertyName("youtube")]
    public YouTubeSwitches YouTube { get; init; } = new();

    [JsonPropertyName("tiktok")]
    public TikTokSwitches TikTok { get; init; } = new();
}

public enum Shape
{
    /// <summary>In an array under "data", as the documentation shows it.</summary>
    Wrapped,

    /// <summary>The bare object, ids as numbers and permissions as an array, as live servers often answer.</summary>
    Flat,
}

public enum PersonalAccounts
{
    /// <summary>The consent page sends them away.</summary>
    Refused,

    /// <summary>They may consent; the profile then says PERSONAL.</summary>
    Served,
}

public enum SmallAccounts
{
    /// <summary>No data.</summary>
    Empty,

    /// <summary>Error 100.</summary>
    Error,
}

public enum ChannelLess
{
    /// <summary>200 without items.</summary>
    NoItems,

    /// <summary>401 youtubeSignupRequired.</summary>
    SignupRequired,
}

public enum TikTokTerms
{
    /// <summary>Access 2 h, refresh 180 d, every refresh replaces the refresh token.</summary>
    Current,

    /// <summary>Access 24 h, refresh 365 d, the refresh token stays.</summary>
    Legacy,
}

public sealed record InstagramSwitches
{
    public Shape Token { get; init; } = Shape.Wrapped;

    public Shape Profile { get; init; } = Shape.Flat;

    /// <summary>Whether error 190 says by its subcode why the token is dead.</summary>
    public bool Subcodes { get; init; } = true;

    public PersonalAccounts PersonalAccounts { get; init; }

    /// <summary>How many hours after a day's end its insights are there. The documentation says up to 48.</summary>
    public int LagHours { get; init; } = 12;

    /// <summary>Whether stories are served with Instagram Login: documented for Facebook Login only.</summary>
    public bool Stories { get; init; } = true;

    /// <summary>Metrics that need 100 followers, with fewer.</summary>
    public SmallAccounts SmallAccounts { get; init; }

    /// <summary>Calls per hour for our application, over all accounts.</summary>
    public int AppCallsPerHour { get; init; } = 50_000;

    /// <summary>Calls per day for each account.</summary>
    public int AccountCallsPerDay { get; init; } = 48_000;

    /// <summary>Shown, and enforced from 100 on, in place of what was counted for the application.</summary>
    public int? AppUsagePercent { get; init; }

    /// <summary>The same for each account.</summary>
    public int? AccountUsagePercent { get; init; }

    /// <summary>What an account over its limit is told: 80002 (business use case) or 17 (user).</summary>
    public int AccountLimitCode { get; init; } = 80002;
}

public sealed record YouTubeSwitches
{
    /// <summary>Whether the callback carries iss (RFC 9207).</summary>
    public bool Issuer { get; init; } = true;

    public ChannelLess ChannelLess { get; init; }

    /// <summary>How many hours after a day's end its Analytics are there. Nobody says; two to three days are seen.</summary>
    public int LagHours { get; init; } = 48;

    /// <summary>Units of the Data API per day for our project; the day ends at midnight Pacific.</summary>
    public int QuotaUnitsPerDay { get; init; } = 10_000;

    /// <summary>Analytics queries per day for our project.</summary>
    public int AnalyticsQueriesPerDay { get; init; } = 100_000;
}

public sealed record TikTokSwitches
{
    public TikTokTerms Terms { get; init; }

    /// <summary>HTTP status of an OAuth error: 400 or 200, the documentation does not say.</summary>
    [JsonPropertyName("oauthErrorStatus")]
    public int OAuthErrorStatus { get; init; } = 400;

    /// <summary>How long a rotated refresh token goes on working. The documentation knows no grace: 0.</summary>
    public int RotationGraceSeconds { get; init; }

    /// <summary>Calls of each API endpoint within any minute, for our application.</summary>
    public int CallsPerMinute { get; init; } = 600;
}

/// <summary>Holds the switches of the moment and keeps them over a restart: with them the clock.</summary>
public sealed class SwitchBoard(Journal journal)
{
    private const string Kind = "switches";

    private readonly Lock gate = new();
    private volatile Switches current = journal.Recall<Switches>(Kind).SingleOrDefault() ?? new();

    public Switches Current => current;

    public Switches Change(Func<Switches, Switches> change)
    {
        lock (gate)
        {
            current = change(current);
            journal.Remember(Kind, Kind, current);
            return current;
        }
    }
}

/// <summary>The platforms' clock: the machine's, moved by what the control API says.</summary>
public sealed class PlatformClock(SwitchBoard switches) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddSeconds(switches.Current.ClockOffsetSeconds);
}
