namespace Campaigns.Import;

/// <summary>One row of a roster file as it was written, blank cells null. Personal data: it lives as long as the request does.</summary>
/// <param name="Line">Where in the file it begins, from 1.</param>
/// <param name="CreatorId">Whom it names, where it names somebody by id.</param>
/// <param name="Name">The cell of that column.</param>
/// <param name="Email">The cell of that column.</param>
/// <param name="Locale">The cell of that column.</param>
/// <param name="TimeZone">The cell of that column.</param>
/// <param name="Handles">By platform, those that are filled in.</param>
/// <param name="Flaw">Why it could not even be read.</param>
public sealed record ImportRow(
    int Line, string? CreatorId, string? Name, string? Email, string? Locale, string? TimeZone, IReadOnlyDictionary<string, string?> Handles, RejectedRow? Flaw = null)
{
    public bool IsBlank => Flaw is null && (CreatorId ?? Name ?? Email ?? Locale ?? TimeZone) is null && Handles.Count == 0;
}

/// <summary>A row that was left out. Says where and why and never what it holds.</summary>
/// <param name="Line">Where in the file it begins, from 1.</param>
/// <param name="Column">The column that is at fault; null where the whole row is.</param>
/// <param name="Code">Stable, like those of problems.</param>
/// <param name="Reason">A sentence for people.</param>
public sealed record RejectedRow(int Line, string? Column, string Code, string Reason);
