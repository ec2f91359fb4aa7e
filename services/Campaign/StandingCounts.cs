using System.Data.Common;

namespace Campaigns;

/// <summary>How many creators stand how: from the table of counts, or counted among those a search finds.</summary>
public sealed record StandingCounts(IReadOnlyDictionary<Standing, long> PerStanding)
{
    public long Of(Func<Standing, bool> condition)
    {
        var sum = 0L;
        foreach (var (standing, creators) in PerStanding)
        {
            sum += condition(standing) ? creators : 0;
        }

        return sum;
    }

    /// <summary>Rows of a standing and its creators.</summary>
    public static async Task<StandingCounts> Read(DbDataReader reader, CancellationToken ct)
    {
        var counts = new Dictionary<Standing, long>();
        while (await reader.ReadAsync(ct))
        {
            counts[new(reader.GetInt16(0))] = reader.GetInt64(1);
        }

        return new(counts);
    }
}
