using System.Collections.Frozen;
using MudBlazor;

namespace WebConsole.Shared;

/// <summary>
/// The icons that a list repeats in every row. A page has each drawing once, and a row only points at it: three hundred drawings in a page of creators would be sent, parsed and
/// laid out anew with every change of a filter.
/// </summary>
public static class Glyphs
{
    /// <summary>Each drawing under the id that a page knows it by.</summary>
    public static IReadOnlyList<(string Id, string Drawing)> All { get; } =
    [
        .. Words.Statuses.Concat(Words.OutreachStates).Select(look => look.Icon)
            .Concat(Words.PlatformIcons).Append(Icons.Material.Rounded.HelpOutline)
            .Distinct().Select((drawing, number) => ($"glyph-{number}", drawing)),
    ];

    private static readonly FrozenDictionary<string, string> Ids = All.ToFrozenDictionary(glyph => glyph.Drawing, glyph => glyph.Id);

    /// <summary>Under which id the page has a drawing; null where it has not.</summary>
    public static string? IdOf(string drawing) => Ids.GetValueOrDefault(drawing);
}
