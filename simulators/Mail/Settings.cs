using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Mail;

/// <summary>Bound from the root of the configuration.</summary>
public sealed class Settings
{
    [ValidateObjectMembers]
    public SmtpSettings Smtp { get; set; } = new();

    [ValidateObjectMembers]
    public MailboxSettings Mailbox { get; set; } = new();

    public BounceSettings Bounces { get; set; } = new();

    public StateSettings State { get; set; } = new();
}

public sealed class SmtpSettings
{
    /// <summary>The port of this machine mail is taken on; 0 for any free one.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 5225;

    /// <summary>A second port on which TLS begins with the first byte; 0 for any free one, null for none.</summary>
    [Range(0, 65535)]
    public int? TlsPort { get; set; }

    /// <summary>No mail and no password before TLS.</summary>
    public bool RequireTls { get; set; }

    /// <summary>Only who gives this name and <see cref="Password"/> may send; without it everybody may, by any name.</summary>
    public string? UserName { get; set; }

    public string? Password { get; set; }

    /// <summary>Is every pair of sender and recipient sent away once, to begin with?</summary>
    public bool Greylist { get; set; }

    /// <summary>In bytes; told to clients as SIZE (RFC 1870).</summary>
    public int MaxMessageSize { get; set; } = 10 * 1024 * 1024;

    public int MaxRecipients { get; set; } = 100;

    public int MaxConnections { get; set; } = 500;

    /// <summary>How long a client may be silent before it is sent away.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);
}

public sealed class MailboxSettings
{
    /// <summary>How many messages are kept; the oldest goes when one more comes.</summary>
    [Range(1, 1_000_000)]
    public int Capacity { get; set; } = 10_000;
}

/// <summary>Where reports go besides the sender's mailbox here.</summary>
public sealed class BounceSettings
{
    /// <summary>Reports are POSTed there as message/rfc822. With the settings of the section <c>Authentication</c>, a token is fetched for it.</summary>
    public Uri? WebhookUrl { get; set; }

    /// <summary>A fixed token to send along instead.</summary>
    public string? BearerToken { get; set; }
}

public sealed class StateSettings
{
    /// <summary>Where messages and the certificate are kept over a restart; without it they are kept in memory only.</summary>
    public string? Directory { get; set; }
}
