using System.Text.Json;

namespace Connections.Platforms.Instagram;

/// <summary>Meta tells with each answer how much of its limits is used: our app's, and this account's.</summary>
internal static class InstagramUsage
{
    private const string App = "X-App-Usage";
    private const string Account = "X-Business-Use-Case-Usage";
    private static readonly string[] Shares = ["call_count", "total_time", "total_cputime"];

    /// <summary>What the headers say; null where they say nothing. The fullest of several counts is the one that matters.</summary>
    public static UsageReport? Of(Func<string, string?> header)
    {
        var (app, account) = (Parse(header(App)), Parse(header(Account)));
        if (app is null && account is null)
        {
            return null;
        }

        // By business account, a list of use cases each.
        var cases = account is { ValueKind: JsonValueKind.Object } all
            ? all.EnumerateObject().Where(entry => entry.Value.ValueKind == JsonValueKind.Array).SelectMany(entry => entry.Value.EnumerateArray()).ToArray()
            : [];
        var wait = cases.Select(each => each.Number("estimated_time_to_regain_access") ?? 0).DefaultIfEmpty().Max();
        return new(app is { } one ? Fullest(one) : 0, cases.Select(Fullest).DefaultIfEmpty().Max(), wait > 0 ? TimeSpan.FromMinutes(wait) : null);
    }

    private static double Fullest(JsonElement usage) => Shares.Max(share => usage.Number(share) ?? 0);

    private static JsonElement? Parse(string? header)
    {
        try
        {
            return header is null ? null : JsonDocument.Parse(header).RootElement;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
