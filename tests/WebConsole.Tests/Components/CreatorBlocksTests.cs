using WebConsole.Apis;
using WebConsole.Creators;

namespace WebConsole.Tests.Components;

public sealed class CreatorBlocksTests
{
    private const double RowHeight = 60;
    private const double Screen = 900;

    private readonly List<CreatorRow> roster = [.. Enumerable.Range(0, 1_000).Select(Creator)];
    private readonly List<string?> asked = [];
    private readonly HashSet<CreatorBlocks.Block> everSeen = [];
    private string? fault;
    private Task answer = Task.CompletedTask;

    [Fact]
    public async Task Going_down_asks_for_one_block_after_the_other_and_only_a_few_hold_rows()
    {
        using var list = Open();

        await ScrollTo(list, 4 * 50 * RowHeight);

        asked.ShouldBe([Cursor(50), Cursor(100), Cursor(150), Cursor(200)]);
        list.Rows.ShouldBe(roster[50..250]);
        (list.RowsBefore, list.Above, list.Below).ShouldBe((50, 50 * RowHeight, 0));
    }

    [Fact]
    public async Task However_far_somebody_goes_no_more_than_four_blocks_hold_rows()
    {
        using var list = Open();

        for (var top = 0.0; top < roster.Count * RowHeight; top += Screen)
        {
            await ScrollTo(list, top);
            everSeen.UnionWith(list.Window);
            everSeen.Sum(block => block.Rows?.Count ?? 0).ShouldBeLessThanOrEqualTo(200);
        }

        list.HasMore.ShouldBeFalse();
        list.Rows.ShouldBe(roster[800..]);
        everSeen.Count.ShouldBe(20);
    }

    [Fact]
    public async Task Going_back_up_asks_for_what_was_let_go_by_the_cursor_it_had()
    {
        using var list = Open();
        await ScrollTo(list, 500 * RowHeight);
        asked.Clear();

        await ScrollTo(list, 0);

        asked.ShouldBe([null]);
        list.Rows.ShouldBe(roster[..50]);
        list.Below.ShouldBe(500 * RowHeight);
    }

    [Fact]
    public async Task A_window_higher_than_four_blocks_holds_what_it_shows()
    {
        using var list = Open();

        await Settle(list, 0, 6 * 50 * RowHeight);

        list.Window.Count.ShouldBe(12);
        list.Window.ShouldAllBe(block => block.Rows != null);
    }

    [Fact]
    public async Task Who_left_at_the_seam_of_two_blocks_leaves_no_hole()
    {
        using var list = Open();
        await ScrollTo(list, 500 * RowHeight);
        roster.RemoveAt(99);

        await IsTheWholeRoster(list);
    }

    [Fact]
    public async Task Who_joined_in_a_block_that_was_let_go_is_found_and_hides_nobody()
    {
        using var list = Open();
        await ScrollTo(list, 500 * RowHeight);
        roster.Insert(20, Creator(5_000));

        await IsTheWholeRoster(list);
    }

    [Fact]
    public async Task When_half_of_them_leave_the_list_ends_where_the_others_do()
    {
        using var list = Open();
        await ScrollTo(list, 900 * RowHeight);
        roster.RemoveRange(500, 500);

        await ScrollTo(list, 430 * RowHeight);

        (list.Total, list.HasMore).ShouldBe((500, false));
        list.Rows.Last().ShouldBe(roster[^1]);
    }

    [Fact]
    public async Task What_cannot_be_had_is_told_at_its_place_and_what_is_there_stays()
    {
        using var list = Open();
        fault = "campaign.away";

        await ScrollTo(list, 30 * RowHeight);
        await ScrollTo(list, 40 * RowHeight);

        list.Missed!.Code.ShouldBe("campaign.away");
        list.Rows.ShouldBe(roster[..50]);
        asked.Count.ShouldBe(1, "Only whoever says so asks again.");

        fault = null;
        await list.Retry(() => { });

        (list.Missed, list.IsGrowing).ShouldBe((null, false));
        list.Rows.ShouldBe(roster[..100]);
    }

    [Fact]
    public async Task The_next_block_that_is_asked_for_twice_comes_once()
    {
        using var list = Open();

        // The answer to the first comes after the second is asked for.
        var answered = new TaskCompletionSource();
        answer = answered.Task;
        var first = list.Look(new(0, 0, 0, [], More: true), () => { });
        var second = list.Look(new(0, 0, 0, [], More: true), () => { });
        answered.SetResult();
        await Task.WhenAll(first, second);

        asked.ShouldBe([Cursor(50)]);
        (list.Rows.Count(), list.IsGrowing).ShouldBe((100, false));
    }

    [Fact]
    public async Task A_block_on_the_way_back_that_cannot_be_had_keeps_its_height_and_comes_when_it_is_asked_for_again()
    {
        using var list = Open();
        await ScrollTo(list, 500 * RowHeight);
        fault = "campaign.away";

        await ScrollTo(list, 120 * RowHeight);

        var missing = list.Window.Where(block => block.Problem is not null).ToList();
        missing.ShouldNotBeEmpty();
        missing.ShouldAllBe(block => block.Height == 50 * RowHeight && block.Rows == null);
        fault = null;
        await list.Retry(() => { });
        list.Window.ShouldAllBe(block => block.Problem == null && block.Rows != null);
    }

    [Fact]
    public async Task Refreshing_asks_for_what_holds_rows_and_for_nothing_else()
    {
        using var list = Open();
        await ScrollTo(list, 500 * RowHeight);
        var held = list.Window.Count;
        asked.Clear();
        roster[list.RowsBefore!.Value] = roster[list.RowsBefore.Value] with { Name = "Somebody else" };

        await list.Refresh();

        asked.Count.ShouldBe(held);
        list.Rows.First().Name.ShouldBe("Somebody else");
    }

    [Fact]
    public async Task When_the_window_becomes_narrower_the_gaps_grow_with_the_rows()
    {
        using var list = Open();
        await ScrollTo(list, 500 * RowHeight);
        var above = list.Above;

        await list.Look(new(above * 4, (above * 4) + Screen, 390, [.. list.Window.Select((block, index) => new MeasuredBlock(list.First + index, block.Count * RowHeight * 4))]), () => { });

        list.Above.ShouldBe(list.RowsBefore!.Value * RowHeight * 4);
    }

    [Fact]
    public async Task A_list_that_begins_at_a_cursor_knows_where_it_stands_only_if_somebody_told()
    {
        using var told = Open(from: 100);
        using var untold = new CreatorBlocks(Ask, await Ask(Cursor(100), CancellationToken.None), Cursor(100), null);

        (told.RowsBefore, told.CanGoUp, told.Rows.First()).ShouldBe((100, true, roster[100]));
        (untold.RowsBefore, untold.CanGoUp).ShouldBe((null, true));
    }

    private static CreatorRow Creator(int number) => new(Guid.CreateVersion7(), $"Creator {number}", [], [], null);

    private string? Cursor(int row) => row == 0 ? null : roster[row - 1].CreatorId.ToString();

    private CreatorBlocks Open(int from = 0)
    {
        var page = Ask(Cursor(from), CancellationToken.None).Result;
        asked.Clear();
        return new(Ask, page, Cursor(from), from);
    }

    // As the service answers: a cursor names the creator a page ended with.
    private async Task<Page<CreatorRow>> Ask(string? cursor, CancellationToken ct)
    {
        asked.Add(cursor);
        await Task.Yield();
        await answer;
        var after = cursor is null ? -1 : roster.FindIndex(row => row.CreatorId.ToString() == cursor);
        if (fault is not null || (cursor is not null && after < 0))
        {
            throw new ApiProblem(fault ?? "cursor.invalid", "It did not work.");
        }

        var items = roster.Skip(after + 1).Take(CreatorBlocks.Size).ToList();
        return new(items, roster.Count, after + 1 + items.Count < roster.Count ? items[^1].CreatorId.ToString() : null);
    }

    private static Task ScrollTo(CreatorBlocks list, double top) => Settle(list, top, Screen);

    // As the browser does it: tells what is seen as long as something within a screen of it is not held.
    private static async Task Settle(CreatorBlocks list, double top, double screen)
    {
        for (var told = 0; IsMissed(list, top, screen); told++)
        {
            told.ShouldBeLessThan(60, "It never comes to rest.");
            await list.Look(
                new(top, top + screen, 1280, [.. list.Window.Select((block, index) => (block, index)).Where(one => one.block.Rows is not null).Select(one => new MeasuredBlock(list.First + one.index, HeightOf(one.block)))]),
                () => { });
        }
    }

    private static bool IsMissed(CreatorBlocks list, double top, double screen)
    {
        var end = list.Above + list.Window.Sum(HeightOf);
        return (list.Above > 0 && list.Above > top - screen) || (end < top + (2 * screen) && (list.Below > 0 || (list.HasMore && list.Missed is null)));
    }

    private static double HeightOf(CreatorBlocks.Block block) => block.Rows is null ? block.Height : block.Count * RowHeight;

    // Up to the beginning and down again: wherever it is looked at, the rows are the roster's, without a hole and without anybody twice.
    private async Task IsTheWholeRoster(CreatorBlocks list)
    {
        var seen = new HashSet<Guid>();
        var down = Enumerable.Range(0, (int)(roster.Count * RowHeight / Screen) + 1).Select(screens => screens * Screen).ToList();
        foreach (var top in down.AsEnumerable().Reverse().SkipWhile(top => top > list.Above).Concat(down))
        {
            await ScrollTo(list, top);
            var rows = list.Rows.ToList();
            rows.ShouldBe(roster.Skip(roster.IndexOf(rows[0])).Take(rows.Count));
            seen.UnionWith(rows.Select(row => row.CreatorId));
        }

        roster.ShouldAllBe(row => seen.Contains(row.CreatorId));
    }
}
