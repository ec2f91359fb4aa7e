using CsCheck;
using Shouldly;

namespace Campaigns.Tests.Decisions;

public sealed class StandingSumsTests
{
    private static readonly short[] Told =
    [
        0, Standing.AuthorizationBits, Standing.MarketplaceBits, Standing.OutreachBits, Standing.BitsOf("InstagramInsights"), Standing.BitsOf("YouTubeInsights"),
        (short)(Standing.BitsOf("InstagramInsights") | Standing.BitsOf("TikTokInsights")),
    ];

    private static readonly Gen<StandingCounts> Rosters = Gen.Select(Gen.OneOf([.. Standing.Possible().Select(Gen.Const)]), Gen.Long[1, 1000]).Array[0, 60]
        .Select(rows => new StandingCounts(rows.GroupBy(row => row.Item1).ToDictionary(group => group.Key, group => group.Sum(row => row.Item2))));

    [Fact]
    public void Sums_answer_about_one_part_what_the_counts_answer() => Rosters.Sample(counts =>
    {
        var sums = StandingSums.Of(counts);
        sums.Creators.ShouldBe(counts.Of(_ => true));
        foreach (var bits in Told)
        {
            StandingSums.Answer(bits).ShouldBeTrue();
            var expected = counts.PerStanding.GroupBy(row => row.Key.Only(bits)).ToDictionary(group => group.Key, group => group.Sum(row => row.Value));
            var told = sums.Counts(bits);
            told.Bits.ShouldBe(bits);
            told.PerStanding.OrderBy(row => row.Key.Code).ShouldBe(expected.OrderBy(row => row.Key.Code));
            foreach (var (standing, creators) in expected)
            {
                sums.Of(bits, standing.Code).ShouldBe(creators);
            }
        }
    });

    [Fact]
    public void Who_is_incomplete_is_the_same_from_sums_and_from_counts() => Rosters.Sample(counts =>
    {
        foreach (string[] shown in (string[][])[[], ["TikTokMarketplace"], ["YouTubeInsights"], ["InstagramInsights", "TikTokInsights"], ["InstagramInsights", "YouTubeInsights", "TikTokInsights", "TikTokMarketplace"]])
        {
            CreatorFilter missing = new(Missing: true);
            Figures.IncompleteOf(StandingSums.Of(counts), shown).ShouldBe(counts.Of(missing.Condition(shown)));
        }
    });

    [Fact]
    public void What_two_parts_decide_together_no_sum_can_tell()
    {
        StandingSums.Answer((short)(Standing.BitsOf("InstagramInsights") | Standing.OutreachBits)).ShouldBeFalse();
        Should.Throw<ArgumentOutOfRangeException>(() => new StandingSums().Counts(Standing.ConnectionBits));
    }

    [Fact]
    public void A_filter_knows_what_it_looks_at()
    {
        string[] shown = ["InstagramInsights", "YouTubeInsights", "TikTokInsights", "TikTokMarketplace"];
        new CreatorFilter().Bits(shown).ShouldBe((short)0);
        new CreatorFilter(Missing: true).Bits(shown).ShouldBe(Standing.AuthorizationBits);
        new CreatorFilter(Status: "Expired").Bits(shown).ShouldBe(Standing.ConnectionBits);
        new CreatorFilter(Type: "YouTubeInsights", Status: "Expired", Outreach: "Clicked").Bits(shown).ShouldBe((short)(Standing.BitsOf("YouTubeInsights") | Standing.OutreachBits));
        new CreatorFilter(Type: "YouTubeInsights").Bits(shown).ShouldBe((short)0);
        new CreatorFilter(Sort: "-TikTokMarketplace").Bits(shown).ShouldBe(Standing.MarketplaceBits);
        new CreatorFilter(Connection: ["InstagramInsights:Connected"], Sort: "lastOutreach").Bits(shown).ShouldBe((short)(Standing.BitsOf("InstagramInsights") | Standing.OutreachBits));
    }

    [Fact]
    public void A_day_taken_out_leaves_the_evening_before()
    {
        var standing = default(Standing).With("InstagramInsights", "Connected");
        var (today, change) = (new StandingSums(), new StandingSums());
        today.Add(standing.WithOutreach("Clicked"), 5);
        change.Add(standing, 2);

        today.Subtract([.. change.ToRow(StandingSums.ConnectionPlaces).Trim('{', '}').Split(',').Select(long.Parse)]);

        today.Creators.ShouldBe(3);
        today.Counts(Standing.OutreachBits).Of(one => one.Outreach == "Clicked").ShouldBe(5);
    }
}
