using WebConsole.Apis;

namespace WebConsole.Creators;

/// <summary>What a window shows of the list, in pixels from the first row of it, and how high the blocks in it turned out.</summary>
/// <param name="Top">Where the window begins.</param>
/// <param name="Bottom">Where it ends.</param>
/// <param name="Width">How wide the list is: at another width the same rows are of another height.</param>
/// <param name="Blocks">The blocks that hold rows.</param>
/// <param name="More">Did somebody ask for the next block, wherever the window is?</param>
public sealed record Seen(double Top, double Bottom, double Width, IReadOnlyList<MeasuredBlock> Blocks, bool More = false);

public sealed record MeasuredBlock(int Number, double Height);

/// <summary>
/// The creators a filter leaves as one list of any length, of which only the blocks around what is seen hold rows. Of any other block it knows how high it is, how many rows it has and
/// where the next begins, so that it is a gap of the right height until it is seen again and asked for anew. Blocks are the pages of the service.
/// </summary>
public sealed class CreatorBlocks : IDisposable
{
    /// <summary>Rows of a block.</summary>
    public const int Size = 50;

    /// <summary>So many blocks hold rows, unless a window is so high that it shows more.</summary>
    public const int Held = 4;

    private readonly Func<string?, CancellationToken, Task<Page<CreatorRow>>> ask;
    private readonly string? start;
    private readonly int? before;
    private readonly List<Block> blocks = [];
    private readonly CancellationTokenSource closing = new();
    private readonly CancellationToken closed;
    private Task turn = Task.CompletedTask;
    private int first;
    private int last;
    private double width;

    /// <param name="ask">Asks for the block behind a cursor; null for the first of all.</param>
    /// <param name="page">The first block.</param>
    /// <param name="start">The cursor it was asked by.</param>
    /// <param name="before">How many creators stand before it; null where nobody knows.</param>
    public CreatorBlocks(Func<string?, CancellationToken, Task<Page<CreatorRow>>> ask, Page<CreatorRow> page, string? start = null, int? before = 0)
    {
        (this.ask, this.start, this.before, closed) = (ask, start, before, closing.Token);
        Take(0, page);
    }

    private CreatorBlocks(CreatorBlocks left)
    {
        (ask, start, before, closed, first, last, width, Total) = (left.ask, left.start, left.before, closing.Token, left.first, left.last, left.width, left.Total);
        blocks.AddRange(left.blocks.Select(block => new Block { Count = block.Count, Height = block.Height, Next = block.Next }));
    }

    /// <summary>How many creators there are.</summary>
    public int? Total { get; private set; }

    /// <summary>The rows that are held.</summary>
    public IEnumerable<CreatorRow> Rows => Window.SelectMany(block => block.Rows ?? []);

    /// <summary>The blocks around what is seen. One without rows is being asked for, or could not be had.</summary>
    public IReadOnlyList<Block> Window => blocks.GetRange(first, last - first + 1);

    /// <summary>The number of the first block of the window.</summary>
    public int First => first;

    /// <summary>How many creators stand before the window; null where nobody knows.</summary>
    public int? RowsBefore => before + blocks.Take(first).Sum(block => block.Count);

    /// <summary>The height of what stands before the window.</summary>
    public double Above => blocks.Take(first).Sum(block => block.Height);

    /// <summary>The height of what stands behind it, as far as it was seen before.</summary>
    public double Below => blocks.Skip(last + 1).Sum(block => block.Height);

    /// <summary>Does the list go on behind the last block that is known?</summary>
    public bool HasMore => blocks[^1].Next is not null;

    /// <summary>Is the next block being asked for?</summary>
    public bool IsGrowing { get; private set; }

    /// <summary>Why the next block could not be had.</summary>
    public ApiProblem? Missed { get; private set; }

    /// <summary>Is there anything before the first row that is seen, or was there once?</summary>
    public bool CanGoUp => start is not null || blocks.Count > 1;

    /// <summary>Holds what is seen and a screen around it, and lets go of what is farther away.</summary>
    /// <param name="seen">What is seen.</param>
    /// <param name="changed">Something else is to be drawn.</param>
    public async Task Look(Seen seen, Action changed)
    {
        Measure(seen);
        var screen = seen.Bottom - seen.Top;
        var (from, to) = seen.More ? (blocks.Count - 1, blocks.Count) : Reaching(seen.Top - screen, seen.Bottom + screen);
        // What could not be had is asked for again when somebody says so, not because somebody looks at the trouble.
        var grow = to == blocks.Count && HasMore && (seen.More || Missed is null);
        var known = blocks.Count;
        Move(Math.Min(from, blocks.Count - 1), Math.Min(to, blocks.Count - 1));
        (IsGrowing, Missed) = grow ? (true, null) : (IsGrowing, Missed);
        changed();
        await InTurn(async () =>
        {
            await Fill(changed);
            if (grow)
            {
                await Grow(from, known);
            }
        });
        changed();
    }

    /// <summary>The same list without a row, for whoever comes back to it: <see cref="Retry"/> asks for those around what was seen.</summary>
    public CreatorBlocks WithoutRows() => new(this);

    /// <summary>Asks for what is missing in the window, and again for what could not be had.</summary>
    public async Task Retry(Action changed)
    {
        var (missed, known) = (Missed is not null, blocks.Count);
        foreach (var block in Window)
        {
            block.Problem = null;
        }

        (Missed, IsGrowing) = (null, missed);
        changed();
        await InTurn(async () =>
        {
            await Fill(changed);
            if (missed)
            {
                await Grow(known - 1, known);
            }
        });
        changed();
    }

    /// <summary>Asks anew for every block that holds rows, and for no other.</summary>
    public Task Refresh() => InTurn(async () =>
    {
        for (var number = first; number <= last; number++)
        {
            if (blocks[number].Rows is not null)
            {
                await Read(number);
            }
        }
    });

    /// <summary>A creator's row is another one now.</summary>
    public void Replace(CreatorRow changed)
    {
        foreach (var block in Window.Where(block => block.Rows?.Any(row => row.CreatorId == changed.CreatorId) is true))
        {
            block.Rows = [.. block.Rows!.Select(row => row.CreatorId == changed.CreatorId ? changed : row)];
        }
    }

    public void Dispose()
    {
        closing.Cancel();
        closing.Dispose();
    }

    private void Measure(Seen seen)
    {
        var (was, isNow) = (0.0, 0.0);
        foreach (var (block, height) in seen.Blocks.Where(block => block.Number < blocks.Count).Select(block => (blocks[block.Number], block.Height)))
        {
            (was, isNow) = block.Height > 0 ? (was + block.Height, isNow + height) : (was, isNow);
            block.Height = height;
        }

        // The window was made narrower, or turned: what is not there to be measured has changed by the same share, as near as anybody can tell.
        if (seen.Width > 0 && width > 0 && Math.Abs(seen.Width - width) >= 1 && was > 0)
        {
            foreach (var block in blocks.Where(block => block.Rows is null))
            {
                block.Height *= isNow / was;
            }
        }

        width = seen.Width > 0 ? seen.Width : width;
    }

    // The blocks that reach into a stretch; with the one behind the last where the list goes on there.
    private (int From, int To) Reaching(double top, double bottom)
    {
        var (from, to, end) = (-1, 0, 0.0);
        for (var number = 0; number < blocks.Count && end < bottom; number++)
        {
            end += blocks[number].Height;
            to = number;
            from = from < 0 && end > top ? number : from;
        }

        return (from < 0 ? blocks.Count - 1 : from, end < bottom && HasMore ? blocks.Count : to);
    }

    private void Move(int from, int to)
    {
        var (wasFirst, wasLast) = (first, last);
        (first, last) = from > last + 1 || to < first - 1 ? (from, to) : (Math.Min(first, from), Math.Max(last, to));
        while (last - first + 1 > Math.Max(Held, to - from + 1))
        {
            _ = from - first > last - to ? first++ : last--;
        }

        for (var number = wasFirst; number <= wasLast; number++)
        {
            if (number < first || number > last)
            {
                (blocks[number].Rows, blocks[number].Problem) = (null, null);
            }
        }
    }

    private async Task Fill(Action changed)
    {
        for (var number = first; number <= last; number++)
        {
            if (blocks[number] is not { Rows: null, Problem: null } block)
            {
                continue;
            }

            try
            {
                await Load(number);
            }
            catch (ApiProblem problem)
            {
                block.Problem = problem;
            }

            changed();
        }
    }

    private async Task Grow(int from, int number)
    {
        try
        {
            // Somebody may have asked for the same while this waited for its turn.
            if (HasMore && number == blocks.Count)
            {
                await Load(number);
                Move(Math.Min(from, blocks.Count - 1), Math.Min(number, blocks.Count - 1));
            }
        }
        catch (ApiProblem problem)
        {
            Missed = problem;
        }
        finally
        {
            IsGrowing = false;
        }
    }

    // Who joined or left in a block moves every row behind it: the blocks behind it that hold rows are read on, as long as they begin elsewhere than they did.
    private async Task Load(int number)
    {
        while (await Read(number) && ++number < blocks.Count && blocks[number].Rows is not null)
        {
        }
    }

    private async Task<bool> Read(int number)
    {
        try
        {
            return Take(number, await ask(CursorOf(number), closed));
        }
        catch (ApiProblem problem) when (problem.Code is ApiProblem.StaleCursor && number > 0)
        {
            // The creator at the seam has left. The block before it tells where this one begins now.
            var seam = CursorOf(number);
            await Read(number - 1);
            if (CursorOf(number) == seam)
            {
                throw;
            }

            return CursorOf(number) is null || Take(number, await ask(CursorOf(number), closed));
        }
    }

    private string? CursorOf(int number) => number == 0 ? start : number <= blocks.Count ? blocks[number - 1].Next : null;

    // True when the next block begins elsewhere than it did.
    private bool Take(int number, Page<CreatorRow> page)
    {
        Total = page.Total;
        if (number > 0 && page.Items.Count == 0)
        {
            blocks[number - 1].Next = null;
            Cut(number);
            return false;
        }

        // A new one is at the end of what is seen, and so holds its rows.
        var isShown = number == blocks.Count || (number >= first && number <= last);
        if (number == blocks.Count)
        {
            blocks.Add(new());
        }

        var block = blocks[number];
        block.Height = block.Rows is null && block.Count > 0 ? block.Height * page.Items.Count / block.Count : block.Height;
        (block.Rows, block.Count, block.Problem) = (isShown ? page.Items : null, page.Items.Count, null);
        var moved = block.Next != page.Next;
        block.Next = page.Next;
        if (page.Next is null)
        {
            Cut(number + 1);
        }

        return moved;
    }

    private void Cut(int from)
    {
        blocks.RemoveRange(from, Math.Max(0, blocks.Count - from));
        (first, last) = (Math.Min(first, blocks.Count - 1), Math.Min(last, blocks.Count - 1));
    }

    // One question after the other: where a block begins, the one before it says.
    private async Task InTurn(Func<Task> questions)
    {
        var (before, mine) = (turn, new TaskCompletionSource());
        turn = mine.Task;
        await before;
        try
        {
            await questions();
        }
        catch (OperationCanceledException) when (closed.IsCancellationRequested)
        {
            // Another list has taken this one's place.
        }
        finally
        {
            mine.SetResult();
        }
    }

    /// <summary>A block of the list.</summary>
    public sealed class Block
    {
        /// <summary>Its rows while it is near what is seen.</summary>
        public IReadOnlyList<CreatorRow>? Rows { get; internal set; }

        /// <summary>How many rows it has, held or not.</summary>
        public int Count { get; internal set; }

        /// <summary>Its height in pixels as it was last measured.</summary>
        public double Height { get; internal set; }

        /// <summary>Why it could not be had.</summary>
        public ApiProblem? Problem { get; internal set; }

        internal string? Next { get; set; }
    }
}
