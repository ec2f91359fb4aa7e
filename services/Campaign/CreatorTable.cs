using System.Globalization;
using Campaigns.Features;
using CsvHelper;

namespace Campaigns;

/// <summary>A list of creators as a table for spreadsheets: RFC 4180, UTF-8 with its mark, times in UTC. Holds no more than a buffer of it.</summary>
internal sealed class CreatorTable(Stream to, IReadOnlyList<string> shown, bool withEmail) : IAsyncDisposable
{
    // What people type would run as a formula where a spreadsheet sees it begin so; an apostrophe before it keeps it a text. See https://owasp.org/www-community/attacks/CSV_Injection.
    private static readonly CsvWriterOptions Rules = new() { Injection = CsvInjection.Escape, WriteByteOrderMark = true };

    private readonly CsvWriter csv = CsvWriter.Create(to, Rules, leaveOpen: true);

    public ValueTask Begin(CancellationToken ct) => Row(
        ["Name", .. withEmail ? ["E-mail"] : Array.Empty<string>(), .. ConnectionType.Platforms.Select(platform => $"{platform} handle"),
            .. shown.SelectMany(type => (string[])[$"{type} status", $"{type} reason", $"{type} since", $"{type} insights"]),
            "Last outreach", "Last outreach at", "Last outreach state"],
        ct);

    /// <summary>Adds a creator.</summary>
    public ValueTask Add(RosterRow row, DateTimeOffset now, CancellationToken ct)
    {
        var one = ListCampaignCreators.Show(row, now);
        var cells = one.Connections.ToDictionary(cell => cell.Type);
        return Row(
            [one.Name, .. withEmail ? [row.Profile?.Email] : Array.Empty<string?>(), .. ConnectionType.Platforms.Select(one.Handles.GetValueOrDefault),
                .. shown.SelectMany(type => cells.GetValueOrDefault(type) is { } cell ? [cell.Status, cell.Reason, Time(cell.Since), cell.Insights?.State] : new string?[4]),
                one.LastOutreach?.Template, Time(one.LastOutreach?.At), one.LastOutreach?.State],
            ct);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => csv.DisposeAsync();

    private static string? Time(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private ValueTask Row(string?[] fields, CancellationToken ct) => csv.WriteRecordAsync(fields!, ct);
}
