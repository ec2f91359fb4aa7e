using System.Buffers.Binary;
using System.Buffers.Text;
using EventSourcing;

namespace Webhooks;

/// <summary>The place of an entry in a list: its position, and its id where several share one.</summary>
public readonly record struct Place(long Position, Guid Id)
{
    private const int Size = 24;

    public string Cursor
    {
        get
        {
            Span<byte> bytes = stackalloc byte[Size];
            BinaryPrimitives.WriteInt64BigEndian(bytes, Position);
            Id.TryWriteBytes(bytes[8..], bigEndian: true, out _);
            return Base64Url.EncodeToString(bytes);
        }
    }

    public static Place? Of(string cursor)
    {
        Span<byte> bytes = stackalloc byte[Size];
        return Base64Url.IsValid(cursor, out var length) && length == Size && Base64Url.TryDecodeFromChars(cursor, bytes, out _)
            ? new(BinaryPrimitives.ReadInt64BigEndian(bytes), new Guid(bytes[8..], bigEndian: true))
            : null;
    }
}

/// <summary>Where a page of a list starts and how long it may be.</summary>
public sealed record Page(Place? After, int Limit)
{
    public const int Most = 200;
    private const int Usual = 50;

    /// <summary>Reads both from a request; a refusal where one cannot be what an earlier answer gave.</summary>
    public static (Page Page, Decision.Refused? Flaw) Of(string? cursor, int? limit)
    {
        var first = new Page(null, Usual);
        if (limit is < 1 or > Most)
        {
            return (first, new(RefusalKind.InvalidValue, "limit.invalid", $"A page has 1 to {Most} entries.", "limit"));
        }

        var after = cursor is null ? null : Place.Of(cursor);
        return cursor is not null && after is null ? (first, CursorInvalid) : (new(after, limit ?? Usual), null);
    }

    public static Decision.Refused CursorInvalid { get; } =
        new(RefusalKind.InvalidValue, "cursor.invalid", "Pass the value of \"next\" from the page before, unchanged, or none for the first page.", "cursor");

    /// <summary>Those of a page, of which one more than asked for was read, and the cursor of the next one.</summary>
    public (IReadOnlyList<T> Items, string? Next) Cut<T>(IReadOnlyList<T> read, Func<T, Place> place) =>
        read.Count > Limit ? ([.. read.Take(Limit)], place(read[Limit - 1]).Cursor) : (read, null);
}
