namespace Connections.Platforms.TikTok.Marketplace;

/// <summary>Asks about many creators at once, narrows down a refusal that speaks of one of them, and knows how long to keep quiet after trouble. One per process.</summary>
public sealed partial class Inquiry(IMarketplace marketplace, MarketplaceAlarm alarm, TimeProvider clock, ILogger<Inquiry> logger)
{
    private int throttledInARow;
    private int faultsInARow;

    /// <summary>Before this nobody is to be asked.</summary>
    public DateTimeOffset QuietUntil { get; private set; }

    public int MostHandles => marketplace.MostHandles;

    /// <summary>Answers by handle; null when there were none, and none are to be asked for before <see cref="QuietUntil"/>.</summary>
    public async Task<IReadOnlyDictionary<string, MarketplaceFinding>?> Ask(IReadOnlyList<string> handles, CancellationToken ct)
    {
        var askedAt = clock.GetUtcNow();
        try
        {
            var answers = await marketplace.StatusOf(handles, ct);
            (throttledInARow, faultsInARow) = (0, 0);
            alarm.Set(null);
            return answers;
        }
        catch (MarketplaceException exception) when (MarketplaceDesk.WordOf(exception) is { } word)
        {
            return handles is [var handle]
                ? new Dictionary<string, MarketplaceFinding> { [handle] = MarketplaceFinding.Of(word, exception.Code, askedAt) }
                : await Halve(handles, ct);
        }
        catch (MarketplaceException exception)
        {
            QuietUntil = exception.Trouble switch
            {
                MarketplaceTrouble.Throttled => Throttle.QuietUntil(++throttledInARow, clock.GetUtcNow()),
                MarketplaceTrouble.Ours => clock.GetUtcNow() + Throttle.Minute,
                _ => Throttle.QuietAfterFault(++faultsInARow, clock.GetUtcNow()),
            };
            if (exception.Trouble is MarketplaceTrouble.Ours)
            {
                alarm.Set(exception.Code);
                RefusesUs(exception.Code);
            }
            else
            {
                Waits(exception.Code, QuietUntil);
            }

            return null;
        }
    }

    // The code speaks of one of them and does not say of whom.
    private async Task<IReadOnlyDictionary<string, MarketplaceFinding>?> Halve(IReadOnlyList<string> handles, CancellationToken ct)
    {
        var all = new Dictionary<string, MarketplaceFinding>();
        foreach (var half in handles.Chunk((handles.Count + 1) / 2))
        {
            if (await Ask(half, ct) is not { } answers)
            {
                return null;
            }

            foreach (var (handle, finding) in answers)
            {
                all[handle] = finding;
            }
        }

        return all;
    }

    [LoggerMessage(LogLevel.Warning, "The marketplace answered {Code}; it is asked again after {QuietUntil:O}.")]
    private partial void Waits(string code, DateTimeOffset quietUntil);

    [LoggerMessage(LogLevel.Error, "The marketplace refuses us with {Code}: check Platforms:TikTokBusiness.")]
    private partial void RefusesUs(string code);
}
