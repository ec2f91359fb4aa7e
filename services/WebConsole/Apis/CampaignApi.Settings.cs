namespace WebConsole.Apis;

/// <summary>How one switch stands in the end, who decided that, and what was set in the very place that is looked at.</summary>
public sealed record EffectiveSwitch(bool On, string Source, string Explanation, bool? Set, string? Type = null);

public sealed record ConnectionSettings(EffectiveSwitch Component, IReadOnlyList<EffectiveSwitch> Types);

public sealed record SavedView(Guid Id, string Name, string Query, bool MissingFilterOn);

public sealed partial class CampaignApi
{
    /// <summary>Which connections are on: in a campaign, or without one in the organization.</summary>
    public Task<Versioned<ConnectionSettings>> Switches(Guid? campaign, CancellationToken ct) => GetVersioned<ConnectionSettings>(SwitchesOf(campaign), ct);

    /// <summary>Sets one switch; null inherits again. Without a type it is the switch of all connections.</summary>
    public Task<Versioned<ConnectionSettings>> Switch(Guid? campaign, string? type, bool? on, string tag, CancellationToken ct) => Save<ConnectionSettings>(
        HttpMethod.Put, SwitchesOf(campaign), type is null ? new { component = on } : new { types = new Dictionary<string, bool?> { [type] = on } }, tag, ct);

    public Task<Versioned<ConnectionSettings>> ResetSwitches(Guid? campaign, string tag, CancellationToken ct) =>
        Save<ConnectionSettings>(HttpMethod.Delete, SwitchesOf(campaign), null, tag, ct);

    /// <summary>The person's own views, by name.</summary>
    public Task<Page<SavedView>> Views(CancellationToken ct) => Get<Page<SavedView>>("/v1/campaigns/views", ct);

    public Task<SavedView> SaveView(string name, string query, bool missing, CancellationToken ct) =>
        Post<SavedView>("/v1/campaigns/views", new { name, query, missingFilterOn = missing }, ct);

    public Task RemoveView(Guid id, CancellationToken ct) => Do(HttpMethod.Delete, $"/v1/views/{id}", null, ct);

    private static string SwitchesOf(Guid? campaign) => campaign is null ? "/v1/organization/connections" : $"/v1/campaigns/{campaign}/connections";
}
