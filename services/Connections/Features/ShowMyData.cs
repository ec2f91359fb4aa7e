using Connections.Hub;
using Connections.Insights;
using Connections.Platforms;
using EventSourcing;
using Npgsql;

namespace Connections.Features;

/// <summary>What is kept of a creator's accounts, in their words, with a way to take it along and a way to have it erased.</summary>
public static class ShowMyData
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/hub/data", Handle).WithName(nameof(ShowMyData)).AllowAnonymous().ExcludeFromDescription();

    private static async Task<IResult> Handle(HttpContext http, StreamSession session, PlatformList platforms, NpgsqlDataSource source, HubTokens tokens, string? outcome, CancellationToken ct)
    {
        if (await HubSession.Of(http) is not { } visit)
        {
            return HubResponse.NoSession(http);
        }

        var kept = new List<KeptOfPlatform>();
        foreach (var options in platforms.All.Select(each => each.Options))
        {
            var id = Connection.IdOf(visit.Organization, visit.CreatorId, options.Key);
            var owner = new Owner(visit.Organization, id);
            if (await session.Load<Connection>(id, ct) is not { } connection)
            {
                continue;
            }

            var account = await session.Query.LoadAsync<ConnectedAccount>(id, ct);
            var metrics = await source.Read(SeriesTables.Metrics(owner), reader => reader.GetFieldValue<DateOnly>(1), ct);
            var content = await source.Read(SeriesTables.Kinds(owner), reader => reader.GetInt64(1), ct);
            kept.Add(new(options.Name, connection.Standing.ToString(), account?.Handle ?? account?.Name, metrics.Count, metrics.Count == 0 ? null : metrics.Min(), content.Sum()));
        }

        var organization = await session.Load<KnownOrganization>(KnownOrganization.IdOf(visit.Organization), ct);
        return HubResponse.Page<HubData>(http, StatusCodes.Status200OK, new Dictionary<string, object?>
        {
            [nameof(HubData.Organization)] = organization?.Name ?? visit.Organization,
            [nameof(HubData.Kept)] = kept,
            [nameof(HubData.FormMark)] = tokens.FormMark(visit),
            [nameof(HubData.Outcome)] = outcome,
        });
    }
}
