namespace Webhooks;

/// <summary>An endpoint as its organization sees it.</summary>
/// <param name="Id">The endpoint.</param>
/// <param name="Url">Where events are posted.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Types">Which events; none for all.</param>
/// <param name="Paused">Is nothing sent at the moment? What comes waits, for as long as messages are kept.</param>
/// <param name="PausedBecause">Manual: somebody asked for it; Gone: the receiver answered 410; Failing: nothing got through for days.</param>
/// <param name="PausedAt">Since when.</param>
/// <param name="FailingSince">Since when nothing has got through; null when the last attempt did.</param>
/// <param name="CreatedAt">When it was registered.</param>
/// <param name="Secrets">What signs its messages, the newest last; never the secrets themselves.</param>
public sealed record EndpointDetail(
    Guid Id, string Url, string Description, IReadOnlyList<string> Types, bool Paused, PauseReason? PausedBecause, DateTimeOffset? PausedAt, DateTimeOffset? FailingSince,
    DateTimeOffset CreatedAt, IReadOnlyList<EndpointSecret> Secrets)
{
    public static EndpointDetail Of(EndpointRow row) => new(
        row.Id, row.Settings.Url, row.Settings.Description, row.Settings.Types, row.Paused is not null, row.Paused is { } reason ? Enum.Parse<PauseReason>(reason) : null, row.PausedAt,
        row.FailingSince, row.CreatedAt, row.Secrets);
}
