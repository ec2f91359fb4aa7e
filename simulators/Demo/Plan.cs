using System.Globalization;
using System.Text;
using Bogus;

namespace Demo;

/// <summary>What becomes of one creator's connection to one platform.</summary>
public enum Fate
{
    /// <summary>Connects and stays.</summary>
    Stays,

    /// <summary>Connects with tokens that end soon.</summary>
    RunsOut,

    /// <summary>Connects, and removes the application on the platform later.</summary>
    Leaves,

    /// <summary>Presses Cancel on the consent page.</summary>
    Denies,

    /// <summary>Allows, but without a permission that is needed.</summary>
    Unticks,

    /// <summary>Never presses Connect.</summary>
    Waits,
}

public sealed record PlannedCampaign(string Key, string Name, int StartsIn, int EndsIn, IReadOnlyList<string> RequiredConnections);

public sealed record PlannedCreator(
    int Number, string Name, string Email, string Locale, IReadOnlyDictionary<string, string> Handles, IReadOnlyList<int> Campaigns, bool IsInvited,
    IReadOnlyDictionary<string, Fate> Fates);

/// <summary>Who is to be there and what is to happen to them. The same on every machine and every day: the second run must find what the first one made.</summary>
public sealed record Plan(string OrganizationName, IReadOnlyList<PlannedCampaign> Campaigns, IReadOnlyList<PlannedCreator> Creators)
{
    private const int Seed = 20_260_501;
    private const int CreatorCount = 190;

    private static readonly (string Bogus, string Tag, float Weight)[] Locales =
    [
        ("en_US", "en-US", .2f), ("en_GB", "en-GB", .16f), ("de", "de-DE", .13f), ("fr", "fr-FR", .12f), ("es", "es-ES", .1f), ("pt_BR", "pt-BR", .1f),
        ("it", "it-IT", .08f), ("sv", "sv-SE", .05f), ("nl", "nl-NL", .04f), ("pl", "pl-PL", .02f),
    ];

    private static readonly string[] Topics =
    [
        "cooks", "bakes", "travels", "runs", "reads", "paints", "films", "climbs", "gardens", "knits",
        "rides", "swims", "skates", "sings", "makes", "sews", "hikes", "surfs", "dances", "fixes",
    ];

    private static readonly string[] Domains = ["example.com", "example.org", "example.net", "mail.example", "studio.example"];

    private static readonly (Fate Fate, float Weight)[] Fates =
    [
        (Fate.Stays, .625f), (Fate.RunsOut, .115f), (Fate.Leaves, .135f), (Fate.Denies, .04f), (Fate.Unticks, .035f), (Fate.Waits, .05f),
    ];

    public static Plan Make()
    {
        PlannedCampaign[] campaigns =
        [
            new("summer-kitchen", "Summer Kitchen Stories", -24, 38, ["InstagramInsights", "YouTubeInsights", "TikTokInsights"]),
            new("trail-season", "Trail Season with Fjella", -9, 52, ["InstagramInsights", "YouTubeInsights"]),
            new("back-to-studio", "Back to the Studio", 12, 75, ["InstagramInsights", "TikTokInsights"]),
            new("spring-refresh", "Spring Home Refresh", -96, -5, ["InstagramInsights", "TikTokInsights"]),
        ];
        var random = new Randomizer(Seed);
        var names = Locales.ToDictionary(locale => locale.Bogus, locale => new Bogus.DataSets.Name(locale.Bogus) { Random = random });
        var taken = new HashSet<string>(StringComparer.Ordinal);
        return new("Aurora Collective", campaigns, [.. Enumerable.Range(1, CreatorCount).Select(number => Creator(number, random, names, taken, campaigns))]);
    }

    private static PlannedCreator Creator(
        int number, Randomizer random, Dictionary<string, Bogus.DataSets.Name> names, HashSet<string> taken, PlannedCampaign[] campaigns)
    {
        var locale = random.WeightedRandom([.. Locales.Select(each => each.Bogus)], [.. Locales.Select(each => each.Weight)]);
        string name, first, last;
        do
        {
            var isWoman = random.Bool(.58f);
            var gender = isWoman ? Bogus.DataSets.Name.Gender.Female : Bogus.DataSets.Name.Gender.Male;
            (first, last) = Names.Own.TryGetValue(locale, out var own)
                ? (random.ArrayElement(isWoman ? own.Women : own.Men), random.ArrayElement(own.Last))
                : (names[locale].FirstName(gender), names[locale].LastName(gender));
            name = $"{first} {last}";
        }
        while (!taken.Add(Plain(name, '.')));

        var topic = random.ArrayElement(Topics);
        var (one, two) = (Plain(first), Plain(last));
        string[] styles = [$"{one}.{topic}", $"{one}{two}", $"{one}_{two}", $"{one[0]}.{two}", $"{topic}with{one}"];
        var handle = random.ArrayElement(styles);
        for (var again = 2; !taken.Add("@" + handle); again++)
        {
            handle = $"{styles[1]}{again}";
        }

        var main = random.WeightedRandom([0, 1, 2, 3], [.42f, .26f, .18f, .14f]);
        int[] on = random.Bool(.18f) && main != 0 ? [main, 0] : [main];
        var wanted = on.SelectMany(campaign => campaigns[campaign].RequiredConnections).Select(PlatformOf).Distinct().ToArray();

        // Nearly everybody is where the campaign needs them; some are elsewhere too, under a slightly other name.
        var handles = new Dictionary<string, string>();
        foreach (var platform in (string[])["instagram", "youtube", "tiktok"])
        {
            if (random.Bool(wanted.Contains(platform) ? .97f : .4f))
            {
                handles[platform] = platform == "youtube" && random.Bool(.4f) ? $"{handle}-tv" : handle;
            }
        }

        var isInvited = random.Bool(.95f);
        var opens = isInvited && random.Bool(.8f);
        var fates = handles.Keys.ToDictionary(platform => platform, platform =>
        {
            var fate = random.WeightedRandom([.. Fates.Select(each => each.Fate)], [.. Fates.Select(each => each.Weight)]);
            return opens && wanted.Contains(platform) ? fate : Fate.Waits;
        });
        return new(
            number, name, $"{one}.{two}@{random.ArrayElement(Domains)}", Locales.Single(known => known.Bogus == locale).Tag, handles, on, isInvited, fates);
    }

    private static string PlatformOf(string connectionType) => connectionType[..^"Insights".Length].ToLowerInvariant();

    /// <summary>Letters that every address and handle may have.</summary>
    private static string Plain(string text, char? between = null)
    {
        var plain = new StringBuilder();
        var latin = text.ToLowerInvariant().Replace("ß", "ss").Replace("ł", "l").Replace("ø", "o").Replace("æ", "ae");
        foreach (var letter in latin.Normalize(NormalizationForm.FormD))
        {
            if (char.IsAsciiLetterOrDigit(letter))
            {
                plain.Append(letter);
            }
            else if (between is { } mark && CharUnicodeInfo.GetUnicodeCategory(letter) is not UnicodeCategory.NonSpacingMark)
            {
                plain.Append(mark);
            }
        }

        return plain.ToString();
    }
}
