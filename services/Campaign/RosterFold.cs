using JasperFx.Events;

namespace Campaigns;

/// <summary>What this service knows of one column of one creator, as the table holds it.</summary>
public sealed record ConnectionFact(
    string Status, string? Reason, DateTimeOffset Since, Guid ConnectionId, long Sequence, DateTimeOffset NotedAt, DateTimeOffset? ExpiresAt = null, long ExpirySequence = 0)
{
    /// <summary>The end that is near; a warning is void once the connection was granted anew or lost.</summary>
    public DateTimeOffset? Expiring => Status == ConnectionStatus.Connected && ExpirySequence > Sequence ? ExpiresAt : null;
}

/// <summary>The newest message to a creator of a campaign.</summary>
public sealed record ContactFact(Guid OutreachId, Guid DeliveryId, string Template, DateTimeOffset At);

/// <summary>A creator's row on a roster.</summary>
public sealed record RosterFact(bool OnRoster, DateTimeOffset Since, long Sequence, Standing Standing, DateTimeOffset? Expiring = null, ContactFact? Contact = null)
{
    /// <summary>As it counts: a row off the roster counts nowhere.</summary>
    public Standing? Counted => OnRoster ? Standing : null;
}

/// <summary>A row of the roster changed. Standing null is off the roster.</summary>
public sealed record RosterChange(Guid CampaignId, Guid CreatorId, long Seq, DateTimeOffset At, Standing? Standing);

/// <summary>
/// Folds one organization's events of a page, one after the other, over the rows they concern: new rows, every change on the way, and by how
/// much the counts move. Event by event and not page by page, so that the changes and the days do not depend on where a page ends, and a rebuild
/// comes to the same. Sequences guard each row, so an event that is applied again moves nothing.
/// </summary>
public sealed class RosterFold(Guid everyone)
{
    private readonly Dictionary<(Guid Creator, string Type), ConnectionFact> connections = [];
    private readonly Dictionary<(Guid Campaign, Guid Creator), RosterFact> roster = [];
    // Sorted, so that one event's changes come in the same order from whatever page.
    private readonly Dictionary<Guid, SortedSet<Guid>> campaignsOf = [];

    /// <summary>Rows of <c>creator_connection</c> to write.</summary>
    public HashSet<(Guid Creator, string Type)> TouchedConnections { get; } = [];

    /// <summary>Rows of <c>roster</c> to write.</summary>
    public HashSet<(Guid Campaign, Guid Creator)> TouchedRows { get; } = [];

    /// <summary>Pulls of insights, the newest per column.</summary>
    public Dictionary<(Guid Creator, string Type), InsightsNoted> Insights { get; } = [];

    /// <summary>New campaigns.</summary>
    public Dictionary<Guid, (CampaignPlanned Plan, DateTimeOffset At)> Plans { get; } = [];

    /// <summary>What changed, oldest first.</summary>
    public List<RosterChange> Changes { get; } = [];

    /// <summary>By how much the number of creators of a standing moved.</summary>
    public Dictionary<(Guid Campaign, Standing Standing), long> Counts { get; } = [];

    /// <summary>The same per day, messages left out.</summary>
    public Dictionary<(Guid Campaign, DateOnly Day, Standing Standing), long> Days { get; } = [];

    public ConnectionFact Connection((Guid Creator, string Type) key) => connections[key];

    public RosterFact Row((Guid Campaign, Guid Creator) key) => roster[key];

    /// <summary>The creators a page speaks of: whose rows have to be known before it is folded.</summary>
    public static IEnumerable<Guid> Creators(IEnumerable<IEvent> events) => events.Select(@event => @event.Data switch
    {
        CreatorAdmitted e => e.CreatorId,
        CreatorAmended e => e.CreatorId,
        JoinedRoster e => e.CreatorId,
        LeftRoster e => e.CreatorId,
        AccessNoted e => e.CreatorId,
        ExpiryNoted e => e.CreatorId,
        MarketplaceNoted e => e.CreatorId,
        OutreachNoted e => e.CreatorId,
        OutreachProgressed e => e.CreatorId,
        _ => Guid.Empty,
    }).Where(creator => creator != Guid.Empty);

    /// <summary>A row as it was before the page.</summary>
    public void Know(Guid creator, string type, ConnectionFact fact) => connections[(creator, type)] = fact;

    /// <summary>A row as it was before the page.</summary>
    public void Know(Guid campaign, Guid creator, RosterFact fact)
    {
        roster[(campaign, creator)] = fact;
        Campaigns(creator).Add(campaign);
    }

    public void Apply(IEvent @event)
    {
        switch (@event.Data)
        {
            case CampaignPlanned e:
                Plans.TryAdd(e.CampaignId, (e, @event.Timestamp));
                break;
            case CreatorAdmitted e:
                Place(everyone, e.CreatorId, true, @event);
                break;
            case CreatorAmended e:
                Store(@event, e.CreatorId);
                break;
            case JoinedRoster e:
                Place(e.CampaignId, e.CreatorId, true, @event);
                break;
            case LeftRoster e:
                Place(e.CampaignId, e.CreatorId, false, @event);
                break;
            case AccessNoted e when ConnectionType.AuthorizedBy(e.Platform) is { } type:
                Note(@event, e.CreatorId, type.Name, e.Sequence, known => new(
                    e.Status, e.Reason, e.Since, e.ConnectionId, e.Sequence, @event.Timestamp, known?.ExpiresAt, known?.ExpirySequence ?? 0));
                break;
            case ExpiryNoted e when ConnectionType.AuthorizedBy(e.Platform) is { } type && !(e.Sequence <= connections.GetValueOrDefault((e.CreatorId, type.Name))?.ExpirySequence):
                Store(@event, e.CreatorId, type.Name, connections.GetValueOrDefault((e.CreatorId, type.Name)) is { } known
                    ? known with { ExpiresAt = e.ExpiresAt, ExpirySequence = e.Sequence }
                    : new(ConnectionStatus.NotConnected, null, @event.Timestamp, e.ConnectionId, 0, @event.Timestamp, e.ExpiresAt, e.Sequence));
                break;
            case MarketplaceNoted e:
                var status = CreatorMarketplace.ConnectionStatusOf(e.Status);
                Note(@event, e.CreatorId, ConnectionType.Marketplace.Name, e.Sequence, _ => new(
                    status, status == ConnectionStatus.Connected ? null : e.Status, e.Since, e.StandingId, e.Sequence, @event.Timestamp));
                break;
            case InsightsNoted e when ConnectionType.AuthorizedBy(e.Platform) is { } type:
                Insights[(e.CreatorId, type.Name)] = e;
                break;
            case OutreachNoted e:
                Contact(e, @event);
                break;
            case OutreachProgressed e when roster.GetValueOrDefault((e.CampaignId, e.CreatorId)) is { } row && row.Contact?.DeliveryId == e.DeliveryId:
                Store(@event, (e.CampaignId, e.CreatorId), row with { Standing = row.Standing.WithOutreach(OutreachState.Later(row.Standing.Outreach, e.Progress)) });
                break;
        }
    }

    private void Place(Guid campaign, Guid creator, bool onRoster, IEvent @event)
    {
        var known = roster.GetValueOrDefault((campaign, creator));
        if (!(@event.Version <= known?.Sequence))
        {
            Store(@event, (campaign, creator), (known ?? new(onRoster, default, 0, default)) with { OnRoster = onRoster, Since = @event.Timestamp, Sequence = @event.Version });
        }
    }

    private void Note(IEvent @event, Guid creator, string type, long sequence, Func<ConnectionFact?, ConnectionFact> news)
    {
        var known = connections.GetValueOrDefault((creator, type));
        if (!(sequence <= known?.Sequence))
        {
            Store(@event, creator, type, news(known));
        }
    }

    private void Store(IEvent @event, Guid creator, string type, ConnectionFact fact)
    {
        connections[(creator, type)] = fact;
        TouchedConnections.Add((creator, type));
        Store(@event, creator);
    }

    // Every row of the creator, each as it stands then.
    private void Store(IEvent @event, Guid creator)
    {
        foreach (var campaign in Campaigns(creator).ToArray())
        {
            Store(@event, (campaign, creator), roster[(campaign, creator)]);
        }
    }

    private void Contact(OutreachNoted e, IEvent @event)
    {
        // A message may be on its way for a campaign whose roster the creator has left, or, to us, not joined yet: the row waits off the roster.
        var key = (e.CampaignId, e.CreatorId);
        var known = roster.GetValueOrDefault(key) ?? new(false, @event.Timestamp, 0, default);
        if (known.Contact is not { } newest || (e.At, e.DeliveryId).CompareTo((newest.At, newest.DeliveryId)) > 0)
        {
            Store(@event, key, known with { Contact = new(e.OutreachId, e.DeliveryId, e.Template, e.At), Standing = known.Standing.WithOutreach(e.Progress ?? OutreachState.Sent) });
        }
    }

    // The standing is always made anew from what is known of the creator: a row off the roster may have missed news.
    private void Store(IEvent @event, (Guid Campaign, Guid Creator) key, RosterFact row)
    {
        var before = roster.GetValueOrDefault(key);
        var after = Stand(key.Creator, row);
        roster[key] = after;
        Campaigns(key.Creator).Add(key.Campaign);
        TouchedRows.Add(key);
        if (before?.Counted is null && after.Counted is null)
        {
            return;
        }

        Changes.Add(new(key.Campaign, key.Creator, @event.Sequence, @event.Timestamp, after.Counted));
        if (before?.Counted != after.Counted)
        {
            Move(Counts, standing => (key.Campaign, standing), before?.Counted, after.Counted);
        }

        if (before?.Counted?.WithoutOutreach != after.Counted?.WithoutOutreach)
        {
            var day = DateOnly.FromDateTime(@event.Timestamp.UtcDateTime);
            Move(Days, standing => (key.Campaign, day, standing), before?.Counted?.WithoutOutreach, after.Counted?.WithoutOutreach);
        }
    }

    private RosterFact Stand(Guid creator, RosterFact row)
    {
        var standing = row.Standing;
        var expiring = default(DateTimeOffset?);
        foreach (var type in ConnectionType.All)
        {
            var fact = connections.GetValueOrDefault((creator, type.Name));
            standing = type.IsAuthorization
                ? standing.With(type.Name, fact?.Status ?? ConnectionStatus.NotConnected)
                : standing.WithMarketplace(fact is null ? "" : fact.Reason ?? "Joined");
            expiring = fact?.Expiring is { } end && !(expiring <= end) ? end : expiring;
        }

        return row with { Standing = standing, Expiring = expiring };
    }

    private SortedSet<Guid> Campaigns(Guid creator)
    {
        if (!campaignsOf.TryGetValue(creator, out var campaigns))
        {
            campaignsOf[creator] = campaigns = [];
        }

        return campaigns;
    }

    private static void Move<TKey>(Dictionary<TKey, long> sums, Func<Standing, TKey> key, Standing? from, Standing? to)
        where TKey : notnull
    {
        Add(from, -1);
        Add(to, 1);

        void Add(Standing? standing, int change)
        {
            if (standing is { } counted)
            {
                sums[key(counted)] = sums.GetValueOrDefault(key(counted)) + change;
            }
        }
    }
}
