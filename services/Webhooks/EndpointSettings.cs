using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using EventSourcing;

namespace Webhooks;

/// <summary>What an organization says of an endpoint, tidied but not yet checked.</summary>
/// <param name="Url">Where to send.</param>
/// <param name="Description">What it is for, in the organization's words.</param>
/// <param name="Types">Names of contracts, in order and each once; none for all.</param>
public sealed partial record EndpointSettings(string Url, string Description, IReadOnlyList<string> Types)
{
    public const int LongestDescription = 200;
    public const int MostTypes = 100;

    public static EndpointSettings Of(string? url, string? description, IReadOnlyList<string>? types) =>
        new(url?.Trim() ?? "", description?.Trim() ?? "", [.. (types ?? []).Select(type => type?.Trim() ?? "").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);

    /// <summary>Scheme, host and port of a checked address: what may be in events and logs.</summary>
    public string Origin => new Uri(Url).GetLeftPart(UriPartial.Authority);

    /// <summary>Tells these settings from others without telling what they are.</summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize<object[]>([Url, Description, Types]))));

    /// <summary>The first thing wrong with them apart from the address; null when they can be kept.</summary>
    /// <param name="known">Which of <see cref="Types"/> there are.</param>
    public Decision.Refused? Flaw(IReadOnlyCollection<string> known) => this switch
    {
        { Description.Length: > LongestDescription } => Invalid("description", "description.invalid", $"A description is one line of at most {LongestDescription} characters."),
        _ when Description.Any(char.IsControl) => Invalid("description", "description.invalid", $"A description is one line of at most {LongestDescription} characters."),
        { Types.Count: > MostTypes } => Invalid("types", "types.too-many", $"Name at most {MostTypes} types, or none for all."),
        _ when Types.FirstOrDefault(type => !Name().IsMatch(type) || !known.Contains(type)) is { } unknown =>
            Invalid("types", "type.unknown", $"There is no event called {(Name().IsMatch(unknown) ? unknown : "that")}. The contracts list their names, such as ConnectionGranted; none at all means every type."),
        _ => null,
    };

    private static Decision.Refused Invalid(string field, string code, string detail) => new(RefusalKind.InvalidValue, code, detail, field);

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]{0,99}$")]
    private static partial Regex Name();
}
