namespace Campaigns;

/// <summary>
/// The creators of a roster counted along each part of the <see cref="Standing"/> by itself: authorizations, marketplace, newest message. One short row
/// per roster, where a count per standing takes up to 2,304; it answers whatever asks about one part, and so nearly everything a page shows at a glance.
/// </summary>
public sealed class StandingSums
{
    /// <summary>How many numbers a row holds: the 64 standings of the authorizations, then eight for the marketplace and eight for the newest message.</summary>
    public const int Places = Outreach + 8;

    /// <summary>How many of them speak of connections.</summary>
    public const int ConnectionPlaces = Outreach;

    private const int Marketplace = Standing.AuthorizationBits + 1;
    private const int Outreach = Marketplace + 8;

    private readonly long[] places = new long[Places];

    /// <summary>As a row holds them; a row may end early, and what is not there is zero.</summary>
    public static StandingSums Of(long[]? row)
    {
        var sums = new StandingSums();
        row?.CopyTo(sums.places, 0);
        return sums;
    }

    public static StandingSums Of(StandingCounts counts)
    {
        var sums = new StandingSums();
        foreach (var (standing, creators) in counts.PerStanding)
        {
            sums.Add(standing, creators);
        }

        return sums;
    }

    /// <summary>On the roster.</summary>
    public long Creators
    {
        get
        {
            var sum = 0L;
            for (var place = 0; place < Marketplace; place++)
            {
                sum += places[place];
            }

            return sum;
        }
    }

    /// <summary>Are all numbers the same?</summary>
    public bool Equal(StandingSums other) => places.AsSpan().SequenceEqual(other.places);

    /// <summary>So many creators more of this standing; negative, fewer.</summary>
    public void Add(Standing standing, long creators)
    {
        places[standing.Code & Standing.AuthorizationBits] += creators;
        places[Marketplace + ((standing.Code & Standing.MarketplaceBits) >> Standing.MarketplaceShift)] += creators;
        places[Outreach + ((standing.Code & Standing.OutreachBits) >> Standing.OutreachShift)] += creators;
    }

    /// <summary>Takes a day's changes out.</summary>
    public void Subtract(long[] row)
    {
        for (var place = 0; place < row.Length; place++)
        {
            places[place] -= row[place];
        }
    }

    /// <summary>Do these bits lie within one part?</summary>
    public static bool Answer(short bits) =>
        (bits & ~Standing.AuthorizationBits) == 0 || (bits & ~Standing.MarketplaceBits) == 0 || (bits & ~Standing.OutreachBits) == 0;

    /// <summary>The counts as far as these bits tell standings apart; they must lie within one part.</summary>
    public StandingCounts Counts(short bits)
    {
        if (!Answer(bits))
        {
            throw new ArgumentOutOfRangeException(nameof(bits), bits, "Sums tell one part of a standing at a time.");
        }

        var counts = new Dictionary<Standing, long>();
        var (from, to, shift) = PartOf(bits);
        for (var place = from; place < to; place++)
        {
            if (places[place] != 0)
            {
                var standing = new Standing((short)((place - from) << shift)).Only(bits);
                counts[standing] = counts.GetValueOrDefault(standing) + places[place];
            }
        }

        return new(counts, bits);
    }

    /// <summary>The creators whose standing has this value in these bits, which lie within one part.</summary>
    public long Of(short bits, short value)
    {
        var sum = 0L;
        var (from, to, shift) = PartOf(bits);
        for (var place = from; place < to; place++)
        {
            sum += (((place - from) << shift) & bits) == value ? places[place] : 0;
        }

        return sum;
    }

    private static (int From, int To, int Shift) PartOf(short bits) =>
        (bits & ~Standing.AuthorizationBits) == 0 ? (0, Marketplace, 0)
        : (bits & ~Standing.MarketplaceBits) == 0 ? (Marketplace, Outreach, Standing.MarketplaceShift)
        : (Outreach, Places, Standing.OutreachShift);

    /// <summary>As the row holds them, up to the connections or whole; in PostgreSQL's words for an array.</summary>
    public string ToRow(int length) => $"{{{string.Join(',', places.Take(length))}}}";

    /// <summary>The sum of two rows of the same length, in SQL.</summary>
    public static string Sum(string one, string other) => $"(select array_agg(coalesce(pair.one, 0) + coalesce(pair.other, 0) order by pair.place) from unnest({one}, {other}) with ordinality as pair (one, other, place))";

    /// <summary>A query for rows, from a table with a row per <c>standing</c>: the keys and <c>sums</c>.</summary>
    /// <param name="table">The table.</param>
    /// <param name="many">Its column with the number.</param>
    /// <param name="length">Up to the connections or whole.</param>
    /// <param name="keys">What makes a row.</param>
    public static string From(string table, string many, int length, params string[] keys)
    {
        var of = string.Join(", ", keys);
        return $"""
            select {of}, array_agg(coalesce(found.sum, 0)::bigint order by place) as sums
            from (select distinct {of} from {table}) each
            cross join generate_series(0, {length - 1}) place
            left join (select {of}, place, sum({many}) as sum
                       from {table} cross join lateral (values (standing & {Standing.AuthorizationBits}), ({Marketplace} + ((standing >> {Standing.MarketplaceShift}) & 7)),
                                                               ({Outreach} + ((standing >> {Standing.OutreachShift}) & 7))) part (place)
                       group by {of}, place) found using ({of}, place)
            group by {of}
            """;
    }
}
