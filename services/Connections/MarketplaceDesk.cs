using Connections.Platforms.TikTok.Marketplace;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Connections;

/// <summary>What the marketplace's routes have in common: who may be asked about, by which handle, and what its troubles mean to a caller.</summary>
public sealed class MarketplaceDesk(TikTokBusinessOptions options, IMarketplace marketplace, CreatorHandles handles, TimeProvider clock)
{
    public IMarketplace Marketplace => marketplace;

    public MarketplaceTerms Terms => options.Terms;

    public TimeSpan CheckInvitedEvery => options.CheckInvitedEvery;

    /// <summary>Why nothing can be asked at all; null where it can.</summary>
    public ProblemHttpResult? NotConfigured() => options.IsConfigured
        ? null
        : Problems.Of(StatusCodes.Status409Conflict, "marketplace.not-configured", "This installation has no TikTok marketplace account. An operator can set one up under Platforms:TikTokBusiness.");

    /// <summary>Why this creator cannot be asked about; null where they can.</summary>
    public async Task<ProblemHttpResult?> Refusal(StreamSession session, Guid creator, CancellationToken ct) =>
        await session.Load<KnownCreator>(creator, ct) is null ? UnknownCreator : NotConfigured();

    public static ProblemHttpResult UnknownCreator => Problems.Of(
        StatusCodes.Status404NotFound, "creator.unknown", "There is no such creator in this organization. A creator registered a moment ago may still be on the way.");

    public static ProblemHttpResult NoHandle => Problems.Of(
        StatusCodes.Status409Conflict, "marketplace.no-handle", "No TikTok handle is known. Add it to the creator, or ask the creator to connect TikTok.");

    public async Task<string?> HandleOf(StreamSession session, Guid creator, CancellationToken ct) => (await handles.Of(session, [creator], ct)).GetValueOrDefault(creator);

    /// <summary>What the marketplace says about one creator now; null where it says nothing.</summary>
    public async Task<MarketplaceFinding?> Ask(Func<Task<MarketplaceFinding?>> call)
    {
        var askedAt = clock.GetUtcNow();
        try
        {
            return await call();
        }
        catch (MarketplaceException exception) when (WordOf(exception) is { } word)
        {
            return MarketplaceFinding.Of(word, exception.Code, askedAt);
        }
    }

    /// <summary>When to ask about a creator again.</summary>
    public DateTimeOffset Next(MarketplaceStanding? state, DateTimeOffset now)
    {
        if (state is not { Status: MarketplaceStatus.Invited })
        {
            return now + options.CheckEvery;
        }

        // Its end is worth a look of its own; one that is past waits for the usual turn.
        var usual = now + options.CheckInvitedEvery;
        return state.InviteEndsAt > now && state.InviteEndsAt < usual ? state.InviteEndsAt.Value : usual;
    }

    /// <summary>The refusals that speak of the creator and not of the call.</summary>
    public static MarketplaceWord? WordOf(MarketplaceException exception) => exception.Trouble switch
    {
        MarketplaceTrouble.NotACreator => MarketplaceWord.NotACreator,
        MarketplaceTrouble.OutsideRegions => MarketplaceWord.OutsideRegions,
        _ => null,
    };

    /// <summary>What a caller hears when the neighbours could not be asked; null for any other fault.</summary>
    public static ProblemHttpResult? ProblemOf(Exception exception, HttpContext http)
    {
        switch (exception)
        {
            case MarketplaceException { Trouble: MarketplaceTrouble.Throttled }:
                http.Response.Headers.RetryAfter = "300";
                return Problems.Of(StatusCodes.Status503ServiceUnavailable, "marketplace.busy", "TikTok takes no more calls from us right now. Nothing was changed; try again in a few minutes.");
            case MarketplaceException { Trouble: MarketplaceTrouble.Transient }:
                http.Response.Headers.RetryAfter = "30";
                return Problems.Of(StatusCodes.Status503ServiceUnavailable, "marketplace.unreachable", "TikTok cannot be asked right now. Nothing was changed; try again in a moment.");
            case MarketplaceException refused:
                return Problems.Of(StatusCodes.Status502BadGateway, "marketplace.refused", $"TikTok refuses this installation's marketplace account ({refused.Code}). An operator has to look at it.");
            case HandlesUnavailable:
                http.Response.Headers.RetryAfter = "30";
                return Problems.Of(StatusCodes.Status503ServiceUnavailable, "creators.unreachable", "The creator's handle cannot be looked up right now. Nothing was changed; try again in a moment.");
            default:
                return null;
        }
    }
}
