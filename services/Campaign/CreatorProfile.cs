using System.Globalization;
using System.Net.Mail;
using System.Text;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using EventSourcing;
using Marten;
using Marten.Schema;
using Marten.Schema.Indexing.Unique;

namespace Campaigns;

/// <summary>
/// Who a creator is: all the personal data this service holds. A document and not an event, so that deleting it is an erasure; stored in
/// the transaction that admits the creator.
/// </summary>
/// <param name="Id">The creator.</param>
/// <param name="Name">As people call them.</param>
/// <param name="Email">Where they are written to.</param>
/// <param name="Locale">Their language, as a BCP 47 tag.</param>
/// <param name="Handles">Their name on each platform they have one on.</param>
/// <param name="TimeZone">Where they live, by the IANA's name; null where nobody said.</param>
/// <param name="Revision">Version of the creator's stream as of which it holds.</param>
public sealed partial record CreatorProfile(
    Guid Id, string Name, string Email, string Locale, IReadOnlyDictionary<string, string> Handles, string? TimeZone = null, long Revision = 1)
{
    /// <summary>The unique index that gives an address to one creator of an organization.</summary>
    public const string EmailIndex = "creator_profile_email";

    /// <summary>Found names and handles in the version before; taken away once rosters hold what a search looks in (<see cref="ViewGenerations"/>), and until then nobody else's business.</summary>
    public const string SearchIndexBefore = "creator_profile_trigrams";

    public const int LongestName = 200;
    public const int LongestHandle = 100;
    private const string DefaultLocale = "en";

    /// <summary>What to call them in a sentence.</summary>
    [JsonIgnore]
    public string FirstName => Name.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries) is [var first, ..] ? first : Name;

    /// <summary>Another creator of the organization has that address.</summary>
    public static Decision.Refused EmailTaken { get; } =
        new(RefusalKind.WrongState, "creator.exists", "Your organization already works with a creator of this e-mail address.", "email");

    /// <summary>No creator of this organization has that id.</summary>
    public static Decision.Refused Unknown { get; } = new(RefusalKind.Unknown, "creator.unknown", "Your organization has no creator with this id.", null);

    /// <summary>Mail servers may tell a capital from a small letter in an address; the ones people use do not.</summary>
    public string EmailKey => Email.ToLowerInvariant();

    /// <summary>The order of every list of creators. Cut off, because a single character can unfold into many and an index entry has its limit.</summary>
    public string SortName => SearchKey(Name) is var key && key.Length > LongestName ? key[..LongestName] : key;

    /// <summary>What a search looks in: the name and every handle, a line each. Computed when stored, and read by SQL from the document.</summary>
    public string SearchText => SearchKey(string.Join('\n', [Name, .. Handles.Values]));

    /// <summary>A profile as somebody typed it, tidied but not yet checked.</summary>
    public static CreatorProfile Of(
        Guid id, string? name, string? email, string? locale, IReadOnlyDictionary<string, string?>? handles, string? timeZone = null) => new(
        id,
        name?.Trim() ?? "",
        email?.Trim() ?? "",
        string.IsNullOrWhiteSpace(locale) ? DefaultLocale : locale.Trim(),
        (handles ?? new Dictionary<string, string?>())
            .Select(handle => (handle.Key, Value: handle.Value?.Trim().TrimStart('@') ?? ""))
            .Where(handle => handle.Value.Length > 0)
            .ToDictionary(handle => handle.Key, handle => handle.Value),
        string.IsNullOrWhiteSpace(timeZone) ? null : timeZone.Trim());

    /// <summary>The first thing wrong with it; null when it can be accepted.</summary>
    public Decision.Refused? Flaw()
    {
        if (Name.Length is 0 or > LongestName || Name.Any(char.IsControl))
        {
            return Invalid("name", "name.invalid", $"Give the creator a name of 1 to {LongestName} characters, on one line.");
        }

        if (!IsPlausible(Email))
        {
            return Invalid("email", "email.invalid", "Give one e-mail address, like ana@example.com.");
        }

        if (!LanguageTag().IsMatch(Locale))
        {
            return Invalid("locale", "locale.invalid", "Give the locale as a BCP 47 tag, like en, pt-BR or zh-Hant-TW.");
        }

        if (TimeZone is not null && !IsTimeZone(TimeZone))
        {
            return Invalid("timeZone", "timezone.unknown", "Name a time zone as the IANA does, Europe/Paris for one, or leave it out.");
        }

        foreach (var (platform, handle) in Handles)
        {
            if (!ConnectionType.Platforms.Contains(platform))
            {
                return Invalid("handles", "platform.unknown", $"Handles are known for {string.Join(", ", ConnectionType.Platforms)}.");
            }

            if (handle.Length > LongestHandle || handle.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
            {
                return Invalid($"handles.{platform}", "handle.invalid", $"A handle has at most {LongestHandle} characters and no spaces.");
            }
        }

        return null;
    }

    /// <summary>Does it say the same? Tells a repeated request from a second one under the same key.</summary>
    public bool SaysSameAs(CreatorProfile other) =>
        (Name, Email, Locale, TimeZone) == (other.Name, other.Email, other.Locale, other.TimeZone)
        && Handles.Count == other.Handles.Count
        && Handles.All(handle => other.Handles.GetValueOrDefault(handle.Key) == handle.Value);

    /// <summary>A handle or null for every platform, as answers show them.</summary>
    public IReadOnlyDictionary<string, string?> HandlePerPlatform() =>
        ConnectionType.Platforms.ToDictionary(platform => platform, platform => Handles.GetValueOrDefault(platform));

    /// <summary>Letters without accents and case, so that "asa" finds "Åsa" and sorts beside her.</summary>
    public static string SearchKey(string text)
    {
        var key = new StringBuilder(text.Length);
        foreach (var c in text.Normalize(NormalizationForm.FormKD))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(c) is not UnicodeCategory.NonSpacingMark)
            {
                key.Append(char.ToLowerInvariant(c));
            }
        }

        return key.ToString();
    }

    internal static void AddTo(StoreOptions options) => options.Schema.For<CreatorProfile>()
        .UniqueIndex(UniqueIndexType.DuplicatedField, EmailIndex, TenancyScope.PerTenant, profile => profile.EmailKey)
        .Duplicate(profile => profile.SortName, "text", notNull: true, configure: index => index.TenancyScope = TenancyScope.PerTenant)
        .IgnoreIndex(SearchIndexBefore);

    private static bool IsPlausible(string email) =>
        email.Length <= 254
        && !email.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))
        && MailAddress.TryCreate(email, out var address)
        && address.Address == email
        && address.Host.Contains('.') && !address.Host.StartsWith('.') && !address.Host.EndsWith('.');

    // The system looks a zone up as a file, so what is no name is not looked up: /dev/zero is a file too.
    private static bool IsTimeZone(string name) => ZoneName().IsMatch(name) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && zone.HasIanaId;

    private static Decision.Refused Invalid(string field, string code, string detail) => new(RefusalKind.InvalidValue, code, detail, field);

    [GeneratedRegex("^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*$")]
    private static partial Regex LanguageTag();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$")]
    private static partial Regex ZoneName();
}
