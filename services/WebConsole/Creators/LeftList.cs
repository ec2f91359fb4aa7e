using WebConsole.Apis;

namespace WebConsole.Creators;

/// <summary>The list somebody left last, without its rows: coming back from a page that a row leads to, they find their place again. Lives as long as the person's connection to the console.</summary>
public sealed class LeftList
{
    private (Guid, CreatorFilter, string?) of;
    private CreatorBlocks? list;

    /// <summary>Remembers a list.</summary>
    public void Keep((Guid Campaign, CreatorFilter Filter, string? Cursor) shown, CreatorBlocks left) => (of, list) = (shown, left.WithoutRows());

    /// <summary>The list, if it is the one that was left; once.</summary>
    public CreatorBlocks? Take((Guid Campaign, CreatorFilter Filter, string? Cursor) wanted)
    {
        var found = of == wanted ? list : null;
        list = null;
        return found;
    }
}
