using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Webhooks.Sending;

/// <summary>Where events may be sent. Section <c>Destinations</c>. As it is, only https on port 443 of public addresses.</summary>
public sealed class DestinationOptions : IValidatableObject
{
    public const string Section = "Destinations";

    /// <summary>Plain http too. For a developer's machine.</summary>
    public bool AllowHttp { get; init; }

    /// <summary>Ports besides 443.</summary>
    public int[] Ports { get; init; } = [];

    /// <summary>Any port.</summary>
    public bool AnyPort { get; init; }

    /// <summary>Networks that may be sent to although they are not public, such as <c>127.0.0.0/8</c>: receivers of your own.</summary>
    public string[] AllowedNetworks { get; init; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => AllowedNetworks
        .Where(network => !IPNetwork.TryParse(network, out _))
        .Select(network => new ValidationResult($"Destinations:AllowedNetworks: {network} is no network such as 10.1.0.0/16."));
}
