using System.ComponentModel.DataAnnotations;

namespace Outreach;

/// <summary>Section <c>Invitations</c>: the links into the Creator Hub.</summary>
public sealed class InvitationOptions : IValidatableObject
{
    public const string Section = "Invitations";

    private const int KeyBytes = 32;

    /// <summary>32 bytes in base64, the same that the Connections service verifies with.</summary>
    [Required]
    public string SigningKey { get; init; } = "";

    /// <summary>How long a link opens the door.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(7);

    public byte[] Key => Convert.FromBase64String(SigningKey);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var buffer = new byte[SigningKey.Length];
        if (!Convert.TryFromBase64String(SigningKey, buffer, out var length) || length < KeyBytes)
        {
            yield return new($"Invitations:SigningKey must be at least {KeyBytes} bytes in base64.");
        }

        if (Lifetime <= TimeSpan.Zero)
        {
            yield return new("Invitations:Lifetime must be greater than zero.");
        }
    }
}

/// <summary>Section <c>Hub</c>: where creators find the Creator Hub.</summary>
public sealed class HubOptions
{
    public const string Section = "Hub";

    [Required]
    public Uri? PublicUrl { get; init; }
}
