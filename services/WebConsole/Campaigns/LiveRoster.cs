using System.Text.Json;
using Microsoft.AspNetCore.Components;
using WebConsole.Apis;

namespace WebConsole.Campaigns;

/// <summary>Listens to a campaign, or to all creators of the organization, for as long as the page is open, and comes back after a break with the last id it heard, so that nothing is missed. Draws nothing.</summary>
public sealed class LiveRoster : ComponentBase, IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    // What cannot be patched is asked anew: not for every change of a bulk of them.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource closing = new();
    private bool settling;
    private bool more;

    [Inject]
    private CampaignApi Api { get; set; } = null!;

    [Inject]
    private TimeProvider Clock { get; set; } = null!;

    /// <summary>Which campaign; null for the organization.</summary>
    [Parameter, EditorRequired]
    public Guid? CampaignId { get; set; }

    /// <summary>Each change, at once.</summary>
    [Parameter]
    public EventCallback<RosterNews> OnNews { get; set; }

    /// <summary>Something changed: what the news do not tell is worth asking for again.</summary>
    [Parameter]
    public EventCallback OnSettled { get; set; }

    public void Dispose()
    {
        closing.Cancel();
        closing.Dispose();
    }

    // Not before the page answers to clicks: while it is only drawn nobody would hear it.
    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            var ct = closing.Token;
            _ = InvokeAsync(() => Follow(ct));
        }
    }

    private async Task Follow(CancellationToken ct)
    {
        string? last = null;
        var pause = FirstPause;
        try
        {
            while (!ct.IsCancellationRequested)
            {
                try
                {
                    await foreach (var news in Api.Watch(CampaignId, last, ct))
                    {
                        pause = FirstPause;
                        last = news.Id is { Length: > 0 } id ? id : last;
                        await OnNews.InvokeAsync(news);
                        _ = InvokeAsync(() => Settle(ct));
                    }
                }
                catch (ApiProblem problem) when (problem.Code is ApiProblem.SessionEnded or "campaign.unknown")
                {
                    // The page itself says so.
                    return;
                }
                catch (Exception exception) when (exception is ApiProblem or JsonException)
                {
                    // An id that means nothing any more would fail for ever.
                    last = exception is ApiProblem { Code: "last-event-id.invalid" } ? null : last;
                }

                await Task.Delay(pause, Clock, ct);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The page was closed.
        }
    }

    private async Task Settle(CancellationToken ct)
    {
        more = true;
        if (settling)
        {
            return;
        }

        settling = true;
        try
        {
            while (more)
            {
                await Task.Delay(Rest, Clock, ct);
                more = false;
                await OnSettled.InvokeAsync();
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The page was closed.
        }
        finally
        {
            settling = false;
        }
    }
}
