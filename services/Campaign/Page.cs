using System.Buffers.Text;
using EventSourcing;

namespace Campaigns;

/// <summary>Where a page of a list starts and how long it may be.</summary>
/// <param name="After">The last entry of the page before; null for the first page.</param>
/// <param name="Limit">Entries per page.</param>
public sealed record Page(Guid? After, int Limit)
{
    private const int Default = 50;
    private const int Most = 200;

    /// <summary>Reads both from a request; a refusal where one cannot be what an earlier answer gave.</summary>
    public static (Page Page, Decision.Refused? Flaw) Of(string? cursor, int? limit)
    {
        if (LimitOf(limit).Flaw is { } flaw)
        {
            return (new(null, Default), flaw);
        }

        Span<byte> id = stackalloc byte[16];
        var readable = cursor is null || (Base64Url.IsValid(cursor, out var length) && length == id.Length && Base64Url.TryDecodeFromChars(cursor, id, out _));
        return readable
            ? (new(cursor is null ? null : new Guid(id, bigEndian: true), limit ?? Default), null)
            : (new(null, Default), Stale);
    }

    /// <summary>How many entries a page has.</summary>
    public static (int Limit, Decision.Refused? Flaw) LimitOf(int? limit) => limit is < 1 or > Most
        ? (Default, new(RefusalKind.InvalidValue, "limit.invalid", $"A page has 1 to {Most} entries.", "limit"))
        : (limit ?? Default, null);

    /// <summary>
    /// The entry a cursor names is gone, or it never was one of ours. A cursor is an id and not the entry's sort key, which for a creator
    /// is a name and has no place in an address.
    /// </summary>
    public static Decision.Refused Stale { get; } =
        new(RefusalKind.InvalidValue, "cursor.invalid", "This cursor leads nowhere any more. Start again from the first page.", "cursor");

    /// <summary>The cursor for what comes after this entry.</summary>
    public static string CursorAfter(Guid id) => Base64Url.EncodeToString(id.ToByteArray(bigEndian: true));
}
