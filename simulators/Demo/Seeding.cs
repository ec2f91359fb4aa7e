using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Demo;

/// <summary>Makes the demo organization the way an organization comes to be: through the APIs, the mails and the consent pages.</summary>
public sealed partial class Seeding(Api campaign, Api outreach, Api mail, Api platforms, TimeProvider clock)
{
    private const string Invitation = "creator-hub-invitation";
    private const string Reconnect = "reconnect-request";
    private const int AtOnce = 12;

    /// <summary>Long enough to get through the exchange of a code on a busy machine, short enough to be over soon after.</summary>
    private const int ShortLife = 12;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Plan plan = Plan.Make();
    private readonly Stopwatch since = Stopwatch.StartNew();

    /// <summary>False: it was complete.</summary>
    public async Task<bool> Run(CancellationToken ct)
    {
        var campaigns = await KnownCampaigns(ct);
        if (campaigns.TryGetValue(plan.Campaigns[0].Name, out var first) && await HasReconnectRequest(first, ct))
        {
            Say($"{plan.OrganizationName} is here already. Nothing to do.");
            return false;
        }

        await campaign.Put<Named>("/v1/organization", new { name = plan.OrganizationName }, ct);
        var campaignIds = await PlanCampaigns(campaigns, ct);
        var creators = await Register(ct);
        await FillRosters(campaignIds, creators, ct);
        await Invite(campaignIds, creators, ct);
        await OpenMails(ct);
        await Leave(ct);
        await AskToReconnect(campaignIds[0], ct);
        await Report(campaignIds, ct);
        return true;
    }

    private async Task<Dictionary<string, Guid>> KnownCampaigns(CancellationToken ct) =>
        (await campaign.Get<CampaignPage>("/v1/campaigns?limit=200", ct)).Items.GroupBy(row => row.Name).ToDictionary(group => group.Key, group => group.First().Id);

    // The last thing that is done, and so the sign that everything before it was.
    private async Task<bool> HasReconnectRequest(Guid id, CancellationToken ct) => (await Creators(id, "", ct)).Any(row => row.LastOutreach?.Template == Reconnect);

    private async Task<IReadOnlyList<Guid>> PlanCampaigns(Dictionary<string, Guid> known, CancellationToken ct)
    {
        // Dates are counted from today, so a campaign that a broken-off run made on another day is taken as it is.
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var ids = new List<Guid>();
        foreach (var planned in plan.Campaigns)
        {
            ids.Add(known.TryGetValue(planned.Name, out var id) ? id : (await campaign.Post<Created>(
                "/v1/campaigns",
                new
                {
                    name = planned.Name,
                    startsOn = today.AddDays(planned.StartsIn),
                    endsOn = today.AddDays(planned.EndsIn),
                    requiredConnections = planned.RequiredConnections,
                },
                ct,
                $"demo-campaign-{planned.Key}")).Id);
        }

        Say($"{ids.Count} campaigns planned for {plan.OrganizationName}.");
        return ids;
    }

    private async Task<IReadOnlyDictionary<int, Guid>> Register(CancellationToken ct)
    {
        var ids = new ConcurrentDictionary<int, Guid>();
        await Each(plan.Creators, async (creator, ct) =>
        {
            var body = new { name = creator.Name, email = creator.Email, locale = creator.Locale, handles = creator.Handles };
            ids[creator.Number] = (await campaign.Post<Created>("/v1/creators", body, ct, $"demo-creator-{creator.Number}")).Id;
        }, ct);
        Say($"{ids.Count} creators registered.");
        return ids;
    }

    private async Task FillRosters(IReadOnlyList<Guid> campaigns, IReadOnlyDictionary<int, Guid> creators, CancellationToken ct)
    {
        for (var i = 0; i < campaigns.Count; i++)
        {
            Guid[] roster = [.. plan.Creators.Where(creator => creator.Campaigns.Contains(i)).Select(creator => creators[creator.Number])];
            var added = await campaign.Post<Added>($"/v1/campaigns/{campaigns[i]}/creators", new { creatorIds = roster }, ct);
            if (added.Unknown.Count > 0)
            {
                throw new DemoFailed($"Campaign does not know {added.Unknown.Count} of the creators it has just registered.");
            }
        }

        Say("Rosters filled.");
    }

    private async Task Invite(IReadOnlyList<Guid> campaigns, IReadOnlyDictionary<int, Guid> creators, CancellationToken ct)
    {
        for (var i = 0; i < campaigns.Count; i++)
        {
            Guid[] invited = [.. plan.Creators.Where(creator => creator.IsInvited && creator.Campaigns.Contains(i)).Select(creator => creators[creator.Number])];
            await Send(campaigns[i], Invitation, invited, $"demo-invitation-{plan.Campaigns[i].Key}", ct);
        }
    }

    private async Task Send(Guid campaignId, string template, Guid[] creatorIds, string key, CancellationToken ct)
    {
        var body = new { campaignId, template, creatorIds };

        // Outreach hears of campaigns, rosters and names by message: a moment after Campaign has answered.
        await Until("Outreach knows the campaign and its roster", async () =>
            await outreach.PostOrNotYet<Preview>("/v1/outreach/preview", body, ct) is { } preview
            && preview.Items.All(item => item.Reason is not ("unknown-creator" or "not-on-roster" or "nothing-to-reconnect" or "merge-field-empty")), ct);

        var id = (await outreach.Post<Created>("/v1/outreach", body, ct, key)).Id;
        OutreachState? state = null;
        await Until("every recipient has a verdict", async () => (state = await outreach.Get<OutreachState>($"/v1/outreach/{id}", ct)).Status == "Completed", ct);
        if (state!.Counts.Failed > 0)
        {
            throw new DemoFailed($"{state.Counts.Failed} of {creatorIds.Length} messages were not delivered. GET /v1/outreach/{id}/recipients says why.");
        }

        Say($"{state.Counts.Sent} mails sent ({template}), {state.Counts.Skipped} skipped.");
    }

    private async Task OpenMails(CancellationToken ct)
    {
        var connected = 0;
        await Each(plan.Creators.Where(creator => creator.Fates.Values.Any(fate => fate is not Fate.Waits)), async (creator, ct) =>
        {
            var mails = await mail.Get<MailPage>($"/api/messages?to={Uri.EscapeDataString(creator.Email)}&limit=10", ct);
            var link = mails.Items.Select(message => Link().Match(message.Text ?? "")).FirstOrDefault(match => match.Success)?.Value ?? throw new DemoFailed(
                $"The mail simulator holds no invitation for creator {creator.Number}. If it was emptied, start over with an empty database.");
            using var visit = await CreatorVisit.Open(new Uri(link), ct);
            foreach (var (platform, fate) in creator.Fates.Where(one => one.Value is not Fate.Waits))
            {
                if (visit.StatusOf(platform) != "NotConnected")
                {
                    continue;
                }

                var account = $"/control/accounts/{platform}/{creator.Handles[platform]}";
                await platforms.Put<object>(account, new { name = creator.Name }, ct);
                if (fate is Fate.RunsOut)
                {
                    await platforms.Post<object>($"{account}/lifetimes", new { accessSeconds = ShortLife, refreshSeconds = ShortLife }, ct);
                }

                var status = await visit.Connect(platform, creator.Handles[platform], fate, ct);
                if (fate is Fate.RunsOut)
                {
                    // Tokens that could be renewed must not be: to this account the platform answers no refresh in time.
                    await platforms.Post<object>($"{account}/fail", new { calls = 1_000_000, status = 503, where = "Token" }, ct);
                }

                var expected = fate is Fate.Denies or Fate.Unticks ? "NotConnected" : "Connected";
                if (status != expected)
                {
                    throw new DemoFailed($"The Creator Hub shows {status} for creator {creator.Number} on {platform}, whose plan is {fate}; it should show {expected}.");
                }

                if (expected == "Connected" && Interlocked.Increment(ref connected) is var so && so % 100 == 0)
                {
                    Say($"{so} connections made in the Creator Hub...");
                }
            }
        }, ct);
        Say($"{connected} connections made in the Creator Hub.");
    }

    private async Task Leave(CancellationToken ct)
    {
        // Platforms date their notices to the second, and one that seems older than the grant says nothing about it.
        await Task.Delay(TimeSpan.FromSeconds(2), clock, ct);
        string[] leaving =
        [
            .. plan.Creators.SelectMany(creator => creator.Fates.Where(one => one.Value is Fate.Leaves).Select(one => $"{one.Key}/{creator.Handles[one.Key]}")),
        ];
        await Each(leaving, (account, ct) => platforms.Post<object>($"/control/accounts/{account}/revoke", new { }, ct), ct);
        Say($"{leaving.Length} creators removed the application on their platform.");
    }

    private async Task AskToReconnect(Guid campaignId, CancellationToken ct)
    {
        var expected = plan.Creators.Where(creator => creator.Campaigns.Contains(0)).Sum(creator => creator.Fates.Values.Count(fate => fate is Fate.Leaves));
        await Until("the dashboard shows who removed the application", async () =>
            (await campaign.Get<Dashboard>($"/v1/campaigns/{campaignId}/dashboard", ct)).ConnectionTypes.Sum(type => type.Invalidated) >= expected, ct);
        Guid[] some = [.. (await Creators(campaignId, "status=Invalidated&", ct)).Take(6).Select(row => row.CreatorId)];
        await Send(campaignId, Reconnect, some, "demo-reconnect", ct);
    }

    private async Task<IReadOnlyList<CreatorRow>> Creators(Guid campaignId, string filter, CancellationToken ct)
    {
        var rows = new List<CreatorRow>();
        string? cursor = null;
        do
        {
            var page = await campaign.Get<CreatorPage>($"/v1/campaigns/{campaignId}/creators?{filter}limit=200{(cursor is null ? "" : $"&cursor={cursor}")}", ct);
            rows.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);
        return rows;
    }

    private async Task Report(IReadOnlyList<Guid> campaigns, CancellationToken ct)
    {
        foreach (var id in campaigns)
        {
            var dashboard = await campaign.Get<Dashboard>($"/v1/campaigns/{id}/dashboard", ct);
            Say($"{dashboard.Name}, {dashboard.Creators} creators: "
                + $"{dashboard.ConnectionTypes.Sum(type => type.Connected)} connected, {dashboard.ConnectionTypes.Sum(type => type.Expired)} expired, "
                + $"{dashboard.ConnectionTypes.Sum(type => type.Invalidated)} invalidated, {dashboard.ConnectionTypes.Sum(type => type.NotConnected)} not connected.");
        }

        var ending = plan.Creators.Sum(creator => creator.Fates.Values.Count(fate => fate is Fate.RunsOut));
        Say($"{ending} connections have tokens that have ended or are about to; they turn red once the allowance for clock skew has passed.");
    }

    private static Task Each<T>(IEnumerable<T> items, Func<T, CancellationToken, Task> act, CancellationToken ct) =>
        Parallel.ForEachAsync(
            items, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (item, token) => await act(item, token));

    private async Task Until(string fact, Func<Task<bool>> isSo, CancellationToken ct)
    {
        for (var started = Stopwatch.StartNew(); !await isSo();)
        {
            if (started.Elapsed > Patience)
            {
                throw new DemoFailed($"After {Patience.TotalSeconds} s it is still not so that {fact}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), clock, ct);
        }
    }

    private void Say(string line) => Console.WriteLine($"demo {since.Elapsed.TotalSeconds,5:0.0} s  {line}");

    [GeneratedRegex(@"https?://\S+/hub/i/\S+")]
    private static partial Regex Link();
}
