using System.Collections.Concurrent;
using Platforms.Accounts;
using Platforms.TikTok;

namespace Platforms.TikTokBusiness;

/// <summary>A call that reached the API, for whoever wants to know how often and about whom it was asked.</summary>
public sealed record BusinessCall(DateTimeOffset At, string Method, string Path, string Handles);

/// <summary>Everything the marketplace remembers: its creators, the brand's campaigns and the settings. One lock: a marketplace is asked in batches, not by thousands at once.</summary>
public sealed class MarketplaceBook
{
    private const string CreatorKind = "tto-creator";
    private const string CampaignKind = "tto-campaign";
    private const string SettingsKind = "tto-settings";
    private const int CallsKept = 1000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, MarketplaceCreator> creators;
    private readonly Dictionary<string, BusinessCampaign> campaigns;
    private readonly ConcurrentQueue<BusinessCall> calls = new();
    private readonly Journal journal;
    private readonly Ledger ledger;
    private readonly TikTokPlatform tiktok;
    private readonly PlatformClock clock;
    private MarketplaceSettings settings;

    public MarketplaceBook(Journal journal, Ledger ledger, TikTokPlatform tiktok, PlatformClock clock)
    {
        (this.journal, this.ledger, this.tiktok, this.clock) = (journal, ledger, tiktok, clock);
        creators = journal.Recall<MarketplaceCreator>(CreatorKind).ToDictionary(creator => creator.Handle);
        campaigns = journal.Recall<BusinessCampaign>(CampaignKind).ToDictionary(campaign => campaign.Id);
        settings = journal.Recall<MarketplaceSettings>(SettingsKind).SingleOrDefault() ?? new();
    }

    public MarketplaceSettings Settings => Read(() => settings);

    public IReadOnlyList<BusinessCall> Calls => [.. calls];

    public IReadOnlyList<BusinessCampaign> Campaigns => Read(() => campaigns.Values.OrderBy(campaign => campaign.CreatedAt).ToList());

    public BusinessCampaign? Campaign(string? id) => Read(() => id is null ? null : campaigns.GetValueOrDefault(id));

    /// <summary>The creator with this handle; one nobody has touched yet looks like the TikTok account of that name. Null for what cannot be a handle.</summary>
    public MarketplaceCreator? Creator(string? typed) =>
        AccountKey.From(TikTokPlatform.PlatformKey, typed) is { } key ? Read(() => creators.GetValueOrDefault(key.Handle)) ?? Fresh(key) : null;

    public MarketplaceCreator Change(MarketplaceCreator creator, Func<MarketplaceCreator, MarketplaceCreator> change) => Read(() =>
    {
        var changed = creators[creator.Handle] = change(creators.GetValueOrDefault(creator.Handle, creator));
        journal.Remember(CreatorKind, changed.Handle, changed);
        return changed;
    });

    public BusinessCampaign Keep(BusinessCampaign campaign) => Read(() =>
    {
        journal.Remember(CampaignKind, campaign.Id, campaign);
        return campaigns[campaign.Id] = campaign;
    });

    public MarketplaceSettings Set(Func<MarketplaceSettings, MarketplaceSettings> change) => Read(() =>
    {
        settings = change(settings);
        journal.Remember(SettingsKind, SettingsKind, settings);
        return settings;
    });

    /// <summary>Counts one call against the fault, if there is one for this path.</summary>
    public BusinessFault? TakeFault(string path) => Read(() =>
    {
        if (settings.Fault is not { } fault || (fault.Path is not null && !path.Contains(fault.Path, StringComparison.Ordinal)))
        {
            return null;
        }

        Set(current => current with { Fault = fault.Calls > 1 ? fault with { Calls = fault.Calls - 1 } : null });
        return fault;
    });

    public void Note(HttpRequest request)
    {
        calls.Enqueue(new(clock.GetUtcNow(), request.Method, request.Path, request.Query["handle_names"].ToString()));
        while (calls.Count > CallsKept)
        {
            calls.TryDequeue(out _);
        }
    }

    public void Clear() => Read(() =>
    {
        foreach (var handle in creators.Keys)
        {
            journal.Forget(CreatorKind, handle);
        }

        foreach (var id in campaigns.Keys)
        {
            journal.Forget(CampaignKind, id);
        }

        creators.Clear();
        campaigns.Clear();
        calls.Clear();
        return Set(_ => new());
    });

    private MarketplaceCreator Fresh(AccountKey key)
    {
        var account = ledger.Find(key) ?? tiktok.Open(key.Handle, clock.GetUtcNow());
        return new(key.Handle, account.Followers, account.Country);
    }

    private T Read<T>(Func<T> read)
    {
        lock (gate)
        {
            return read();
        }
    }
}
