using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>
/// A campaign at a glance: per connection type it requires how many creators stand how, what share of the roster is counted, and a warning
/// where metrics may be incomplete. Coverage and warning speak of authorizations alone; see <see cref="ConnectionType.All"/>.
/// </summary>
public static class ViewDashboard
{
    public sealed record Standing(string Type, long Connected, long Expired, long Invalidated, long NotConnected);

    public sealed record Warning(string Message, long Creators);

    /// <summary>
    /// Coverage is the share of the roster, 0 to 1, whose every required authorization is Connected; 0 for an empty roster. UpdatedAt is
    /// when the newest fact in these numbers was recorded here; null before the first.
    /// </summary>
    public sealed record Response(
        Guid CampaignId, string Name, DateOnly StartsOn, DateOnly EndsOn, long Creators, double Coverage,
        IReadOnlyList<Standing> ConnectionTypes, Warning? Warning, DateTimeOffset? UpdatedAt);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/campaigns/{id:guid}/dashboard", Handle)
        .WithName(nameof(ViewDashboard)).WithTags("Campaigns").WithSummary("A campaign's connections at a glance").RequireScope("campaigns.read")
        .WithDescription("Per connection type how many are in which status, coverage, and what is missing.")
        .Refuses(404, "campaign.unknown");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(Guid id, StreamSession session, CancellationToken ct)
    {
        if (await session.Load<Campaign>(id, ct) is not { } campaign)
        {
            return Problems.Of(CampaignViews.Unknown);
        }

        await using var command = new NpgsqlCommand(Sql)
        {
            Parameters =
            {
                new("organization", session.Organization),
                new("campaign", id),
                new("types", campaign.RequiredConnections.ToArray()),
                new("authorizations", campaign.RequiredAuthorizations.ToArray()),
            },
        };
        await using var reader = await session.Query.ExecuteReaderAsync(command, ct);
        var counts = new Dictionary<(string Type, string Status), long>();
        var (creators, complete, updatedAt) = (0L, 0L, default(DateTimeOffset?));
        while (await reader.ReadAsync(ct))
        {
            var count = reader.GetInt64(3);
            switch (reader.GetString(0))
            {
                case "roster":
                    creators = count;
                    break;
                case "complete":
                    complete = count;
                    break;
                default:
                    counts[(reader.GetString(1), reader.GetString(2))] = count;
                    break;
            }

            if (!reader.IsDBNull(4) && reader.GetFieldValue<DateTimeOffset>(4) is var at && !(at <= updatedAt))
            {
                updatedAt = at;
            }
        }

        var incomplete = campaign.RequiredAuthorizations.Any() ? creators - complete : 0;
        return TypedResults.Ok(new Response(
            id, campaign.Name, campaign.StartsOn, campaign.EndsOn, creators, Coverage(creators, incomplete),
            [.. campaign.RequiredConnections.Select(Stand)], Warn(incomplete), updatedAt));

        Standing Stand(string type)
        {
            long Count(string status) => counts.GetValueOrDefault((type, status));
            var (connected, expired, invalidated) = (Count(ConnectionStatus.Connected), Count(ConnectionStatus.Expired), Count(ConnectionStatus.Invalidated));
            return new(type, connected, expired, invalidated, creators - connected - expired - invalidated);
        }
    }

    public static double Coverage(long creators, long incomplete) => creators == 0 ? 0 : Math.Round((double)(creators - incomplete) / creators, 4);

    public static Warning? Warn(long incomplete) => incomplete switch
    {
        0 => null,
        1 => new("Metrics and content of 1 creator may be incomplete: a connection is missing, expired or invalidated.", 1),
        _ => new($"Metrics and content of {incomplete} creators may be incomplete: a connection is missing, expired or invalidated.", incomplete),
    };

    // Who never connected has no row, so NotConnected is what is left of the roster.
    private const string Sql = """
        with known as (
            select c.creator_id, c.type, c.status, c.noted_at
            from campaign.roster r
            join campaign.creator_connection c on c.tenant_id = r.tenant_id and c.creator_id = r.creator_id
            where r.tenant_id = @organization and r.campaign_id = @campaign and r.on_roster and c.type = any (@types))
        select 'status', type, status, count(*), max(noted_at) from known group by type, status
        union all
        select 'complete', null, null, count(*), null from (
            select creator_id from known where status = 'Connected' and type = any (@authorizations)
            group by creator_id having count(*) = cardinality(@authorizations)) covered
        union all
        select 'roster', null, null, count(*) filter (where on_roster), max(since) from campaign.roster
        where tenant_id = @organization and campaign_id = @campaign
        """;
}
