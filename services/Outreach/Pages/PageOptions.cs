using System.ComponentModel.DataAnnotations;

namespace Outreach.Pages;

/// <summary>Section <c>Outreach</c>: the pages of this service that recipients open.</summary>
public sealed class PageOptions : IValidatableObject
{
    public const string Section = "Outreach";

    /// <summary>Origin of this service as recipients and their mail providers reach it; links in messages start with it.</summary>
    [Required]
    public Uri? PublicUrl { get; init; }

    /// <summary>How long the link to unsubscribe works after the message left. Old mail is read late, so this is long.</summary>
    public TimeSpan UnsubscribeLifetime { get; init; } = TimeSpan.FromDays(730);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (UnsubscribeLifetime <= TimeSpan.Zero)
        {
            yield return new("Outreach:UnsubscribeLifetime must be greater than zero.");
        }
    }
}
