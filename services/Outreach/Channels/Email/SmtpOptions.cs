using System.ComponentModel.DataAnnotations;

namespace Outreach.Channels.Email;

/// <summary>Section <c>Smtp</c>: the mail server that carries outreach.</summary>
public sealed class SmtpOptions
{
    public const string Section = "Smtp";

    [Required]
    public string Host { get; init; } = "";

    [Range(1, 65535)]
    public int Port { get; init; } = 25;

    /// <summary>Address in the From header; the organization's name is put before it.</summary>
    [Required, EmailAddress]
    public string From { get; init; } = "";

    /// <summary>Both or neither.</summary>
    public string? UserName { get; init; }

    public string? Password { get; init; }

    /// <summary>Refuse to talk without TLS. Off, TLS is used where the server offers it.</summary>
    public bool RequireTls { get; init; }

    /// <summary>The longest a message may take from MAIL to the server's last word. Must be well under the delivery lease.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an idle connection is kept; mail servers drop silent ones after a few minutes.</summary>
    public TimeSpan KeepIdle { get; init; } = TimeSpan.FromSeconds(30);
}
