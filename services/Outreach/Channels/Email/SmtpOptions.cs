using System.ComponentModel.DataAnnotations;
using MimeKit;

namespace Outreach.Channels.Email;

/// <summary>How much a connection to the mail server is to be protected.</summary>
public enum SmtpSecurity
{
    /// <summary>Where the server offers STARTTLS it is used; where not, messages go in the clear.</summary>
    StartTlsWhenAvailable,

    /// <summary>In the clear, whatever the server offers.</summary>
    None,

    /// <summary>STARTTLS, or nothing is sent.</summary>
    StartTls,

    /// <summary>TLS from the first byte (RFC 8314), usually on port 465.</summary>
    Tls,
}

/// <summary>Section <c>Smtp</c>: the mail server that carries outreach.</summary>
public sealed class SmtpOptions : IValidatableObject
{
    public const string Section = "Smtp";

    [Required]
    public string Host { get; init; } = "";

    [Range(1, 65535)]
    public int Port { get; init; } = 25;

    /// <summary>Address in the From header of organizations that have none of their own; the organization's name is put before it.</summary>
    [Required, EmailAddress]
    public string From { get; init; } = "";

    /// <summary>Where bounces go: the envelope's sender. <see cref="From"/> where this is empty.</summary>
    [EmailAddress]
    public string? ReturnPath { get; init; }

    /// <summary>Domains organizations may send from, besides the one of <see cref="From"/>. The mail server must be entitled to them (SPF, DKIM).</summary>
    public IReadOnlyList<string> SenderDomains { get; init; } = [];

    public SmtpSecurity Security { get; init; }

    /// <summary>
    /// PEM file with the certificates a private server's certificate must lead to; without it, those the machine trusts. There is no setting that
    /// accepts just any certificate.
    /// </summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>Both or neither; only over a connection that must be TLS.</summary>
    public string? UserName { get; init; }

    public string? Password { get; init; }

    /// <summary>The longest a message may take from MAIL to the server's last word. Must be well under the delivery lease.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an idle connection is kept; mail servers drop silent ones after a few minutes.</summary>
    public TimeSpan KeepIdle { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Every domain an organization may send from.</summary>
    public IReadOnlyList<string> AllowedDomains => [.. new[] { MailboxAddress.Parse(From).Domain }.Concat(SenderDomains).Distinct(StringComparer.OrdinalIgnoreCase)];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (UserName is null != Password is null)
        {
            yield return new("Set both Smtp:UserName and Smtp:Password, or neither.");
        }

        if (UserName is not null && Security is not (SmtpSecurity.StartTls or SmtpSecurity.Tls))
        {
            yield return new("Smtp:UserName needs Smtp:Security StartTls or Tls: a password must not be sent in the clear because a server, or somebody between, offers no TLS.");
        }
    }
}
