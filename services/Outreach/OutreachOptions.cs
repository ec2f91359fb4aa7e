using System.ComponentModel.DataAnnotations;

namespace Outreach;

/// <summary>Section <c>Outreach</c>: this service as recipients of its messages see it.</summary>
public sealed class OutreachOptions
{
    public const string Section = "Outreach";

    /// <summary>Origin of the addresses in messages that lead back to this service.</summary>
    [Required]
    public Uri? PublicUrl { get; init; }
}
