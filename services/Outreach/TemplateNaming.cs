using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Outreach;

/// <summary>What a template may be called.</summary>
internal static partial class TemplateNaming
{
    public const int MaxName = 100;

    // Addresses of their own below /v1/templates.
    private static readonly string[] Reserved = ["check", "merge-fields", "render"];

    public static IEnumerable<TemplateFlaw> Check(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > MaxName || name.Any(char.IsControl))
        {
            yield return new("name", "template.name-invalid", $"A name is one line of 1 to {MaxName} characters.");
        }
    }

    public static IEnumerable<TemplateFlaw> CheckKey(string key)
    {
        if (!Key().IsMatch(key))
        {
            yield return new("key", "template.key-invalid",
                "A key is 1 to 63 lower-case letters, digits and inner hyphens. Give one that is; without, it is made from the name.");
        }
        else if (Reserved.Contains(key))
        {
            yield return new("key", "template.key-invalid", $"The key {key} is an address of its own here. Give another one.");
        }
    }

    /// <summary>A key made from a name: <c>Grüße, 2. Runde</c> becomes <c>gru-e-2-runde</c>.</summary>
    public static string KeyOf(string name)
    {
        var plain = new string([.. name.Normalize(NormalizationForm.FormD).Where(c => CharUnicodeInfo.GetUnicodeCategory(c) is not UnicodeCategory.NonSpacingMark)]);
        var key = Other().Replace(plain.ToLowerInvariant(), "-").Trim('-');
        return key.Length <= 63 ? key : key[..63].TrimEnd('-');
    }

    [GeneratedRegex("^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex Key();

    [GeneratedRegex("[^a-z0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Other();
}
