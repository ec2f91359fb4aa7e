using System.Runtime.CompilerServices;

namespace WebConsole.Apis;

/// <summary>What a campaign says while it is watched.</summary>
/// <param name="Kind">ready, creator, removed, figures, settings or reload.</param>
/// <param name="Id">What to come back with.</param>
/// <param name="Row">The row as it is now, where the news is about a creator.</param>
/// <param name="Figures">The counts as they are now, where the news is about them.</param>
public sealed record RosterNews(string Kind, string Id, CreatorRow? Row = null, LiveFigures? Figures = null);

public sealed record LiveFigures(int Creators, double Coverage, IReadOnlyList<StatusCounts> Types, Funnel Funnel);

public sealed partial class CampaignApi
{
    /// <summary>Every change of a campaign's creators, or without one of the organization's, from the one after <paramref name="last"/> on. Ends when the service ends it.</summary>
    public async IAsyncEnumerable<RosterNews> Watch(Guid? campaign, string? last, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var (kind, data, id) in Listen(campaign is null ? "/v1/organization/events" : $"/v1/campaigns/{campaign}/events", last, ct))
        {
            yield return kind switch
            {
                "creator" => new(kind, id, Row: Parse<CreatorRow>(data)),
                "figures" => new(kind, id, Figures: Parse<LiveFigures>(data)),
                _ => new(kind, id),
            };
        }
    }
}
