using Connections.Platforms.TikTok.Marketplace;
using EventSourcing;
using Npgsql;

namespace Connections.Features;

/// <summary>
/// Asks the marketplace about every creator whose check is due, in batches of handles over all organizations, and notes what changed. A page is
/// leased by pushing its due times ahead, so replicas share the work; whatever could not be asked falls due again by itself.
/// </summary>
internal sealed partial class CheckMarketplace(
    NpgsqlDataSource source,
    StreamSessions sessions,
    MarketplaceDesk desk,
    CreatorHandles handles,
    Inquiry inquiry,
    TikTokBusinessOptions options,
    TimeProvider clock,
    ILogger<CheckMarketplace> logger)
    : ClockWorker(options.LookEvery, null, logger)
{
    private const int Batches = 10;

    protected override async Task<int> DoPage(CancellationToken ct)
    {
        if (clock.GetUtcNow() < inquiry.QuietUntil)
        {
            return 0;
        }

        var page = await LeasePage(ct);
        var (named, isComplete) = (new List<(Due Due, string Handle)>(), true);
        foreach (var organization in page.GroupBy(due => due.Organization))
        {
            var known = await Name(organization.Key, [.. organization], ct);
            named.AddRange(known ?? []);
            isComplete &= known is not null;
        }

        foreach (var batch in named.GroupBy(each => each.Handle, each => each.Due).Chunk(inquiry.MostHandles))
        {
            var askedAt = clock.GetUtcNow();
            if (await inquiry.Ask([.. batch.Select(each => each.Key)], ct) is not { } answers)
            {
                await GiveBack(page, ct);
                return 0;
            }

            var findings = batch.SelectMany(each => each.Select(due => (Due: due, Finding: answers.GetValueOrDefault(each.Key)))).ToList();
            foreach (var organization in findings.GroupBy(each => each.Due.Organization))
            {
                await Note(organization.Key, organization.ToDictionary(each => each.Due, each => each.Finding), askedAt, named: true, ct);
            }
        }

        // Without handles the next page would fare no better: wait, and the lease of this one runs out meanwhile.
        return isComplete ? page.Count : 0;
    }

    /// <summary>The creators of one organization who can be asked about; for the others the clock alone speaks. Null: nobody could say.</summary>
    private async Task<IEnumerable<(Due, string)>?> Name(string organization, IReadOnlyList<Due> page, CancellationToken ct)
    {
        try
        {
            await using var session = sessions.For(organization);
            var known = await handles.Of(session, [.. page.Select(due => due.Creator)], ct);
            await Note(organization, page.Where(due => !known.ContainsKey(due.Creator)).ToDictionary(due => due, _ => (MarketplaceFinding?)null), clock.GetUtcNow(), named: false, ct);
            return page.Where(due => known.ContainsKey(due.Creator)).Select(due => (due, known[due.Creator]));
        }
        catch (HandlesUnavailable exception)
        {
            NoHandles(exception.Message);
            return null;
        }
    }

    private async Task Note(string organization, IReadOnlyDictionary<Due, MarketplaceFinding?> findings, DateTimeOffset askedAt, bool named, CancellationToken ct)
    {
        if (findings.Count == 0)
        {
            return;
        }

        var dues = findings.Keys.ToDictionary(due => MarketplaceStanding.IdOf(organization, due.Creator));
        var after = new Dictionary<Guid, MarketplaceStanding?>();
        await using var session = sessions.For(organization);
        await session.DecideAllAndSave<MarketplaceStanding>(
            dues.Keys,
            (id, state) =>
            {
                var decision = findings[dues[id]] is { } finding ? MarketplaceStanding.Note(state, dues[id].Creator, finding, options.Terms)
                    : named ? Decision.Nothing
                    : MarketplaceStanding.NoteSilence(state, askedAt);
                after[id] = decision is Decision.Recorded recorded ? StreamFold<MarketplaceStanding>.Of(recorded.Events, state) : state;
                return decision;
            },
            ct,
            alongside: operations =>
            {
                foreach (var (id, due) in dues)
                {
                    // A tenth of spread, so that those who were registered together are not asked about together for ever.
                    var next = askedAt + ((desk.Next(after[id], askedAt) - askedAt) * (0.9 + (0.1 * Random.Shared.NextDouble())));
                    var outcome = !named ? "no-handle" : findings[due] is null ? "not-answered" : "answered";
                    MarketplaceTables.Checked(operations, organization, due.Creator, due.At, next, askedAt, outcome);
                }
            });
    }

    private async Task<IReadOnlyList<Due>> LeasePage(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var command = source.CreateCommand($"""
            update {MarketplaceTables.Checks} c set due_at = $2
            from (select tenant_id, creator_id from {MarketplaceTables.Checks}
                  where due_at <= $1 order by due_at limit $3 for update skip locked) due
            where c.tenant_id = due.tenant_id and c.creator_id = due.creator_id
            returning c.tenant_id, c.creator_id, c.due_at
            """);
        command.With(now, now + Lease, inquiry.MostHandles * Batches);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var page = new List<Due>();
        while (await reader.ReadAsync(ct))
        {
            page.Add(new(reader.GetString(0), reader.GetGuid(1), reader.GetFieldValue<DateTimeOffset>(2)));
        }

        return page;
    }

    // Whoever has been noted is due at another time by now, so only those who were not asked fall due when the quiet is over.
    private async Task GiveBack(IReadOnlyList<Due> page, CancellationToken ct)
    {
        await using var command = source.CreateCommand($"""
            update {MarketplaceTables.Checks} c set due_at = $4
            from unnest($1, $2, $3) as leased (tenant_id, creator_id, due_at)
            where c.tenant_id = leased.tenant_id and c.creator_id = leased.creator_id and c.due_at = leased.due_at
            """);
        command.With(page.Select(due => due.Organization).ToArray(), page.Select(due => due.Creator).ToArray(), page.Select(due => due.At).ToArray(), inquiry.QuietUntil);
        await command.ExecuteNonQueryAsync(ct);
    }

    [LoggerMessage(LogLevel.Warning, "Creators' handles cannot be had: {Why}")]
    private partial void NoHandles(string why);

    private sealed record Due(string Organization, Guid Creator, DateTimeOffset At);
}
