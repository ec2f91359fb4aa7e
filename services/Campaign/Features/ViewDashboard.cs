using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults;

namespace Campaigns.Features;

/// <summary>
/// A campaign at a glance: per connection type that is shown how many creators stand how, what share of the roster is counted, how the messages fare, and
/// a warning where metrics may be incomplete, with what would mend it. Coverage and warning speak of authorizations alone; see <see cref="ConnectionType.All"/>.
/// </summary>
public static class ViewDashboard
{
    /// <summary>Connections are warned of two weeks before their end.</summary>
    private const int ExpiringDays = 14;

    private const int NamesShown = 5;

    public sealed record Named(Guid CreatorId, string Name);

    /// <param name="Message">In a sentence.</param>
    /// <param name="Creators">How many creators.</param>
    /// <param name="Names">The first of them by name.</param>
    /// <param name="Losses">Per authorization: how many lack it, and which numbers and content are not counted because of it.</param>
    public sealed record Warning(string Message, long Creators, IReadOnlyList<Named> Names, IReadOnlyList<Lost> Losses);

    public sealed record Lost(string Type, long Creators, IReadOnlyList<string> Metrics, IReadOnlyList<string> Content);

    /// <summary>A request that POST /v1/outreach takes as it is.</summary>
    public sealed record OutreachRequest(Guid CampaignId, string Template, string Filter);

    /// <param name="Creators">How many it would ask.</param>
    /// <param name="Request">What to send.</param>
    public sealed record Fix(long Creators, OutreachRequest Request);

    /// <summary>
    /// Coverage is the share of the roster, 0 to 1, whose every shown authorization is Connected; 0 for an empty roster. UpdatedAt is when the newest fact in
    /// these numbers was recorded here; null before the first. FixAll asks exactly the creators the warning speaks of, each with one message.
    /// </summary>
    public sealed record Response(
        Guid CampaignId, string Name, DateOnly StartsOn, DateOnly EndsOn, long Creators, double Coverage, IReadOnlyList<StatusCounts> ConnectionTypes,
        long? ExpiringSoon, Funnel Outreach, Warning? Warning, IReadOnlyList<Fix> FixAll, DateTimeOffset? UpdatedAt);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/campaigns/{id:guid}/dashboard", Handle)
        .WithName(nameof(ViewDashboard)).WithTags("Campaigns").WithSummary("A campaign's connections at a glance").RequireScope("campaigns.read")
        .WithDescription("Per connection type how many are in which status, coverage, and what is missing.")
        .Refuses(404, "campaign.unknown").Refuses(422, "asOf.future", "asOf.invalid");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Guid id, StreamSession session, Rosters rosters, RosterMemory memory, TimeProvider clock, CancellationToken ct, string? asOf = null)
    {
        if (!string.IsNullOrEmpty(asOf))
        {
            return await ViewPast.Dashboard(id, asOf, session, clock.GetUtcNow(), ct);
        }

        var now = clock.GetUtcNow();
        var (read, pulse) = await Read(id, session, ct);
        if (await read.Complete(session, id, ct) is not var (campaign, shown))
        {
            return Problems.Of(CampaignViews.Unknown);
        }

        var figures = Figures.Of(pulse.Sums, shown);
        var authorizations = pulse.Sums.Counts(Standing.AuthorizationBits);
        var details = memory.Of<Details>(session.Organization, id, pulse.Seq) is { } known && known.AreOf(shown, now)
            ? known
            : memory.Keep(session.Organization, id, pulse.Seq, await Look(id, session, rosters, figures, authorizations, shown, now, ct));
        return TypedResults.Ok(new Response(
            id, campaign.Name, campaign.StartsOn, campaign.EndsOn, figures.Creators, figures.Coverage, figures.Types, details.Expiring,
            figures.Funnel, Warn(figures, shown, details.Names), Mend(id, authorizations, shown), pulse.ChangedAt));
    }

    public static Warning? Warn(Figures figures, IReadOnlyList<string> shown, IReadOnlyList<Named> names) => figures.Incomplete == 0 ? null : new(
        figures.Incomplete == 1
            ? "Metrics and content of 1 creator may be incomplete: a connection is missing, expired or invalidated."
            : $"Metrics and content of {figures.Incomplete} creators may be incomplete: a connection is missing, expired or invalidated.",
        figures.Incomplete,
        names,
        [.. from counts in figures.Types
            let loss = shown.Contains(counts.Type) ? Loss.Of(counts.Type) : null
            let creators = figures.Creators - counts.Connected
            where loss is not null && creators > 0
            select new Lost(counts.Type, creators, loss.Metrics, loss.Content)]);

    /// <summary>Whoever lost an authorization is asked to reconnect, whoever never had one to opt in; who is both gets the first message alone.</summary>
    public static IReadOnlyList<Fix> Mend(Guid campaign, StandingCounts counts, IReadOnlyList<string> shown)
    {
        var authorizations = CreatorFilter.Authorizations(shown);
        var alive = authorizations.Select(type => $"{type}:{ConnectionStatus.Connected},{ConnectionStatus.NotConnected}").ToArray();
        return
        [
            .. Ask("reconnect-request", new(Type: string.Join(',', authorizations), Status: $"{ConnectionStatus.Expired},{ConnectionStatus.Invalidated}")),
            .. Ask("creator-hub-invitation", new(Missing: true, Connection: alive)),
        ];

        IEnumerable<Fix> Ask(string template, CreatorFilter filter)
        {
            var creators = authorizations.Count == 0 ? 0 : counts.Of(filter.Condition(shown));
            return creators == 0 ? [] : [new(creators, new(campaign, template, filter.ToQuery()))];
        }
    }

    // What is looked up creator by creator. Until: when the next end comes near; at once where ends are near and not all authorizations are shown, because whose next end is shown is not in a roster's row.
    private sealed record Details(IReadOnlyList<string> Shown, long Expiring, DateTimeOffset Until, IReadOnlyList<Named> Names)
    {
        public bool AreOf(IReadOnlyList<string> shown, DateTimeOffset now) => now < Until && Shown.SequenceEqual(shown);
    }

    private static async Task<(ShownCampaign.Read Campaign, CampaignPulse Pulse)> Read(Guid id, StreamSession session, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(Sql) { Parameters = { new("organization", session.Organization), new("campaign", id) } };
        await using var reader = await session.Query.ExecuteReaderAsync(command, ct);
        var campaign = await ShownCampaign.Read.From(reader, id, ct);
        await reader.NextResultAsync(ct);
        return (campaign, await CampaignPulse.Read(reader, ct));
    }

    private static async Task<Details> Look(
        Guid id, StreamSession session, Rosters rosters, Figures figures, StandingCounts authorizations, IReadOnlyList<string> shown, DateTimeOffset now, CancellationToken ct)
    {
        var names = figures.Incomplete == 0 ? [] : await Names(id, rosters, authorizations, shown, ct);
        long near;
        DateTimeOffset? next;
        await using (var command = new NpgsqlCommand(EndsSql) { Parameters = { new("organization", session.Organization), new("campaign", id), new("until", now.AddDays(ExpiringDays)) } })
        await using (var reader = await session.Query.ExecuteReaderAsync(command, ct))
        {
            await reader.ReadAsync(ct);
            (near, next) = (reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1));
        }

        return near == 0 || CreatorFilter.AreAllAuthorizations(shown)
            ? new(shown, near, next?.AddDays(-ExpiringDays) ?? DateTimeOffset.MaxValue, names)
            : new(shown, (await rosters.Count(id, new(ExpiringWithin: ExpiringDays), shown, now, null, ct)).Counts.Of(_ => true), now, names);
    }

    private static async Task<IReadOnlyList<Named>> Names(Guid id, Rosters rosters, StandingCounts counts, IReadOnlyList<string> shown, CancellationToken ct) =>
        [.. (await rosters.Read(id, new(Missing: true), shown, default, new(_ => true, SortOrder.Name, false), counts, null, NamesShown, ct, namesOnly: true))
            .Select(row => new Named(row.Creator, row.Profile?.Name ?? ""))];

    private const string Sql = $"{ShownCampaign.Sql}; {CampaignPulse.Sql}";

    // The end of whichever authorization is nearest; most campaigns show them all. Ends that are near are few: a connection is renewed long before, or held back while
    // a whole platform fails.
    private const string EndsSql = """
        select (select count(*) from campaign.roster where campaign_id = @campaign and tenant_id = @organization and on_roster and expiring_at <= @until),
               (select min(expiring_at) from campaign.roster where campaign_id = @campaign and tenant_id = @organization and on_roster and expiring_at > @until)
        """;
}
