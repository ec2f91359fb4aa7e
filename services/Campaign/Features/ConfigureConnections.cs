using System.Text.Json.Serialization;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>
/// Connections are switched on or off, all at once or a type at a time, for the organization or against it for one campaign. What a request
/// does not name stays as it is; what it names null is inherited again.
/// </summary>
public static class ConfigureConnections
{
    public sealed record Request
    {
        /// <summary>The whole component: <c>true</c>, <c>false</c>, or <c>null</c> to inherit.</summary>
        public bool? Component { get; init { (field, NamesComponent) = (value, true); } }

        /// <summary>The same for each connection type, by its name.</summary>
        public IReadOnlyDictionary<string, bool?>? Types { get; init; }

        /// <summary>Null and left out are two things here, and one in the member itself.</summary>
        [JsonIgnore]
        public bool NamesComponent { get; private init; }
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPut("/v1/organization/connections", ForOrganization)
            .WithName("ConfigureOrganizationConnections").WithTags("Organization").WithSummary("Switch connections on or off in your organization").RequireScope("campaigns.write").GivesETag()
            .WithDescription("Names what it changes: null takes a setting away, what is left out stays.")
            .Refuses(412, "version.stale")
            .Refuses(422, "connection-type.unknown")
            .Refuses(428, "if-match.missing");
        routes.MapPut("/v1/campaigns/{id:guid}/connections", ForCampaign)
            .WithName("ConfigureCampaignConnections").WithTags("Campaigns").WithSummary("Switch connections on or off in a campaign").RequireScope("campaigns.write").GivesETag()
            .WithDescription("Names what it changes: null is inherited from the organization, what is left out stays.")
            .Refuses(404, "campaign.unknown")
            .Refuses(412, "version.stale")
            .Refuses(422, "connection-type.unknown")
            .Refuses(428, "if-match.missing");
    }

    private static Task<Results<Ok<ViewConnectionSettings.Response>, ProblemHttpResult>> ForOrganization(
        Request request, [FromHeader(Name = "If-Match")] string? ifMatch, StreamSession session, HttpResponse response, CancellationToken ct) =>
        Save(null, ifMatch, required: true, (state, id) => Decide(state, id, null, request), session, response, ct);

    private static async Task<Results<Ok<ViewConnectionSettings.Response>, ProblemHttpResult>> ForCampaign(
        Guid id, Request request, [FromHeader(Name = "If-Match")] string? ifMatch, StreamSession session, HttpResponse response, CancellationToken ct) =>
        await session.Load<Campaign>(id, ct) is { } campaign
            ? await Save(campaign, ifMatch, required: true, (state, switches) => Decide(state, switches, id, request), session, response, ct)
            : Problems.Of(CampaignViews.Unknown);

    public static Decision Decide(ConnectionSwitches? state, Guid id, Guid? campaign, Request request)
    {
        var named = request.Types ?? new Dictionary<string, bool?>();
        if (named.Keys.Any(type => ConnectionType.Named(type) is null))
        {
            return Unknown("types");
        }

        var types = new Dictionary<string, bool>(state?.Types ?? new Dictionary<string, bool>());
        foreach (var (type, on) in named)
        {
            if (on is { } set)
            {
                types[type] = set;
            }
            else
            {
                types.Remove(type);
            }
        }

        return ConnectionSwitches.Change(state, id, campaign, request.NamesComponent ? request.Component : state?.Component, types);
    }

    internal static Decision Unknown(string field) => Decision.Invalid(
        field, "connection-type.unknown", $"The connection types are {string.Join(", ", ConnectionType.All.Select(type => type.Name))}.");

    /// <summary>Records what is decided, in the stream and in the row that pages read, and answers how everything stands then.</summary>
    internal static async Task<Results<Ok<ViewConnectionSettings.Response>, ProblemHttpResult>> Save(
        Campaign? campaign, string? ifMatch, bool required, Func<ConnectionSwitches?, Guid, Decision> decide, StreamSession session, HttpResponse response,
        CancellationToken ct)
    {
        if (EntityTag.Read(ifMatch, required, out var seen) is { } problem)
        {
            return problem;
        }

        var id = ConnectionSwitches.StreamOf(session.Organization, campaign?.Id);
        ConnectionSwitches? changed = null;
        var outcome = await session.DecideAndSave<ConnectionSwitches>(
            id,
            state =>
            {
                var decision = decide(state, id);
                changed = decision is Decision.Recorded recorded ? StreamFold<ConnectionSwitches>.Of(recorded.Events, state) : null;
                return decision;
            },
            ct,
            expectedVersion: seen,
            alongside: documents =>
            {
                if (changed is { } switches)
                {
                    SwitchRow.Write(documents, campaign?.Id, switches.Component, switches.Types, switches.Revision);
                }
            });
        return outcome.Decision is Decision.Refused refusal ? Problems.Of(refusal) : await ViewConnectionSettings.Show(campaign, session, response, ct);
    }
}
