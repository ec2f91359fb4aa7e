using Connections.Hub;
using Connections.Platforms;
using EventSourcing;

namespace Connections.Features;

/// <summary>The consent page: who asks, for what, until when, and each platform with its state and the one thing to do about it.</summary>
public static class ShowHub
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/hub", Handle).WithName(nameof(ShowHub)).AllowAnonymous().ExcludeFromDescription();

    private static async Task<IResult> Handle(HttpContext http, StreamSession session, PlatformList platforms, HubTokens tokens, string? outcome, string? platform, CancellationToken ct)
    {
        if (await HubSession.Of(http) is not { } visit)
        {
            return HubResponse.NoSession(http);
        }

        var organization = await session.Load<KnownOrganization>(KnownOrganization.IdOf(visit.Organization), ct);
        var campaign = visit.CampaignId is { } id ? await session.Load<KnownCampaign>(id, ct) : null;
        var cards = new List<HubCard>();
        foreach (var options in platforms.All.Select(each => each.Options))
        {
            var connection = Connection.IdOf(visit.Organization, visit.CreatorId, options.Key);
            cards.Add(HubCard.Of(options, await session.Load<Connection>(connection, ct), await session.Query.LoadAsync<ConnectedAccount>(connection, ct)));
        }

        return HubResponse.Page<HubPage>(http, StatusCodes.Status200OK, new Dictionary<string, object?>
        {
            [nameof(HubPage.Organization)] = organization?.Name ?? visit.Organization,
            [nameof(HubPage.Campaign)] = campaign,
            [nameof(HubPage.Cards)] = cards,
            [nameof(HubPage.FormMark)] = tokens.FormMark(visit),
            [nameof(HubPage.Note)] = HubNote.Of(outcome, platform is null ? null : platforms.Find(platform)?.Options),
        });
    }
}
