using CsvHelper;
using EventSourcing;

namespace Campaigns.Import;

/// <summary>
/// A roster as CSV, read a row at a time: columns by their names in any order, separated by comma, semicolon, tab or bar, in UTF-8 with or
/// without a byte order mark.
/// </summary>
public sealed class RosterFile : IAsyncDisposable
{
    /// <summary>A row longer than this is no row but a quote that was never closed.</summary>
    private const int LongestRow = 64 * 1024;

    private const string Id = "creatorid";
    private const string Name = "name";
    private const string Email = "email";
    private const string Locale = "locale";
    private const string TimeZone = "timezone";

    // What a decoder writes for bytes that are not UTF-8.
    private const char Undecodable = '\uFFFD';

    private readonly CsvReader reader;
    private CsvMalformedReason? malformed;
    private IReadOnlyDictionary<string, int> columns = new Dictionary<string, int>();

    private RosterFile(Stream body) => reader = CsvReader.Create(
        body,
        new CsvReaderOptions
        {
            TrimWhitespace = true,
            TrimInsideQuotes = true,
            TrackLineNumbers = true,
            MaxRecordSize = LongestRow,
            IncludeValuesInExceptions = false,
            OnMalformedRecord = record => malformed = record.Reason,
        },
        leaveOpen: true);

    /// <summary>Where reading stopped before the end, as the caller is told; null when all of it could be read.</summary>
    public Decision.Refused? Broken { get; private set; }

    /// <summary>Columns that mean nothing here.</summary>
    public IReadOnlyList<string> IgnoredColumns { get; private set; } = [];

    /// <summary>Reads the header; a refusal where it does not name what a roster needs.</summary>
    public static async Task<(RosterFile File, Decision.Refused? Flaw)> Open(Stream body, CancellationToken ct)
    {
        var file = new RosterFile(body);
        try
        {
            await file.reader.ReadHeaderAsync(ct);
        }
        catch (CsvFormatException)
        {
            return (file, HeaderMissing);
        }

        var headers = file.reader.Headers.Select((header, index) => (Header: header, Key: KeyOf(header), Index: index)).ToArray();
        string[] known = [Id, Name, Email, Locale, TimeZone, .. ConnectionType.Platforms];
        var found = headers.Where(header => known.Contains(header.Key)).ToLookup(header => header.Key, header => header.Index);
        if (found.FirstOrDefault(column => column.Count() > 1) is { } repeated)
        {
            return (file, Invalid("csv.header-repeated", $"The column {repeated.Key} is there more than once. Leave one."));
        }

        (file.columns, file.IgnoredColumns) = (
            found.ToDictionary(column => column.Key, column => column.Single()), [.. headers.Where(header => !known.Contains(header.Key)).Select(header => header.Header)]);
        return (file, file.columns.ContainsKey(Id) || (file.columns.ContainsKey(Name) && file.columns.ContainsKey(Email)) ? null : HeaderMissing);
    }

    /// <summary>The rows in order, blank ones left out. What cannot be read is a row with a flaw; where nothing after it can be either, <see cref="Broken"/> says so.</summary>
    public async IAsyncEnumerable<ImportRow> Rows([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        while (await Next(ct) is { } row)
        {
            if (!row.IsBlank)
            {
                yield return row;
            }
        }
    }

    public ValueTask DisposeAsync() => reader.DisposeAsync();

    private async Task<ImportRow?> Next(CancellationToken ct)
    {
        malformed = null;
        try
        {
            if (!await reader.ReadAsync(ct))
            {
                return null;
            }
        }
        catch (CsvFormatException exception)
        {
            Broken = Unclosed(exception.LineNumber);
            return null;
        }

        if (malformed is CsvMalformedReason.UnterminatedQuote)
        {
            Broken = Unclosed(reader.LineNumber);
            return null;
        }

        var handles = ConnectionType.Platforms.Select(platform => (platform, Handle: Cell(platform))).Where(handle => handle.Handle is not null)
            .ToDictionary(handle => handle.platform, handle => handle.Handle);
        var row = new ImportRow((int)reader.LineNumber, Cell(Id), Cell(Name), Cell(Email), Cell(Locale), Cell(TimeZone), handles);
        return row with { Flaw = FlawOf(row) };
    }

    private RejectedRow? FlawOf(ImportRow row) => row switch
    {
        // A stray quote within a name is text. Text after the quote that closed a cell means that the cells are not those that were meant.
        _ when malformed is not null and not CsvMalformedReason.StrayQuote =>
            new(row.Line, null, "csv.quotes-misplaced", "A quote in this row is not closed where its cell ends. Write a quote within a quoted cell twice."),
        _ when reader.FieldCount > reader.Headers.Count =>
            new(row.Line, null, "csv.cells-too-many", "This row has more cells than there are columns. Put cells that contain the separator into quotes."),
        _ when columns.FirstOrDefault(column => Cell(column.Key)?.Contains(Undecodable) == true) is { Key: { } column } =>
            new(row.Line, column, "csv.not-utf8", "This cell holds letters that are not UTF-8. Save the file as CSV UTF-8."),
        _ => null,
    };

    private string? Cell(string column) =>
        columns.TryGetValue(column, out var index) && index < reader.FieldCount && reader.GetString(index).Trim() is { Length: > 0 } value ? value : null;

    // "E-Mail", "Creator ID" and "time_zone" are what people write.
    private static string KeyOf(string header) => string.Concat(header.Where(char.IsLetter)).ToLowerInvariant();

    private static Decision.Refused HeaderMissing { get; } = Invalid(
        "csv.header-missing",
        $"The first line names the columns: {Name} and {Email}, or {Id}. {Locale}, {TimeZone}, {string.Join(", ", ConnectionType.Platforms)} may follow, in any order.");

    private static Decision.Refused Unclosed(long line) => Invalid(
        "csv.unreadable",
        $"The row that begins in line {line} opens a quote and never closes it. The rows before it are imported; mend it and import the file again, nobody is added twice.");

    private static Decision.Refused Invalid(string code, string detail) => new(RefusalKind.InvalidValue, code, detail, "body");
}
