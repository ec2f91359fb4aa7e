using System.Text.Json;
using Platforms.Accounts;

namespace Platforms.Control;

/// <summary>What happens to an account at its platform: it is suspended, checkpointed, deleted, and perhaps comes back. And what the platform tells us.</summary>
public static class StateControls
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var account = routes.MapGroup("/control/accounts/{platform}/{handle}");
        account.MapPost("/suspend", (string platform, string handle, Desk desk, Change? change = null) => Set(TroubleKind.Suspended, platform, handle, desk, change));
        account.MapPost("/checkpoint", (string platform, string handle, Desk desk, Change? change = null) => Set(TroubleKind.Checkpointed, platform, handle, desk, change));
        account.MapPost("/delete", (string platform, string handle, Desk desk, Change? change = null) => Set(TroubleKind.Deleted, platform, handle, desk, change));
        account.MapPost("/unsuspend", Lift);
        account.MapPost("/notify", Notify);
    }

    /// <summary>
    /// The account cannot be used from now on, though its tokens live. code and subcode: what calls are answered with; refreshes: whether refresh tokens
    /// still bring access tokens; webhook: true tells us. 404 account.unknown, 409 state.unsupported.
    /// </summary>
    private static IResult Set(TroubleKind kind, string platform, string handle, Desk desk, Change? change) => desk.With(platform, handle, (place, account) =>
    {
        var wish = change ?? new();
        return place.TroubleOf(kind, new(Text(wish.Code), Text(wish.Subcode), wish.Refreshes), desk.Now) is { } trouble
            ? Answer(desk, account, desk.SetTrouble(place, account, trouble, wish.Webhook))
            : Problem.Of(409, "state.unsupported", $"{place.Title} does not do that to accounts.");
    });

    /// <summary>Whatever the account's trouble was, it is over: its tokens work again. 404 account.unknown.</summary>
    private static IResult Lift(string platform, string handle, Desk desk, Change? change = null) => desk.With(
        platform, handle, (place, account) => Answer(desk, account, desk.SetTrouble(place, account, null, change?.Webhook is true)));

    /// <summary>
    /// Sends one of the platform's webhooks, signed, and changes nothing: the platform may be wrong, late, or ahead of what calls show.
    /// ageSeconds dates it back. 404 account.unknown, 422 for what the platform cannot say.
    /// </summary>
    private static IResult Notify(string platform, string handle, News news, Desk desk) => desk.With(platform, handle, (place, account) =>
    {
        var announcement = new Announcement(news.Event ?? "")
        {
            Reason = Text(news.Reason),
            State = news.State,
            TokenIdentifierAlg = news.TokenIdentifierAlg,
            Token = news.Token,
            AgeSeconds = news.AgeSeconds,
        };
        return desk.Tell(place, account, announcement) is { } delivery
            ? Results.Ok(new { webhook = delivery.Id })
            : Problem.Invalid("event", $"{place.Title} tells of {string.Join(", ", place.Events)}, each with what belongs to it.");
    });

    private static IResult Answer(Desk desk, Account account, Webhooks.Delivery? delivery) =>
        Results.Ok(new { account = desk.View(desk.Find(account.Platform, account.Handle)!), webhook = delivery?.Id });

    private static string? Text(JsonElement? value) => value is { ValueKind: JsonValueKind.Number or JsonValueKind.String } given ? given.ToString() : null;

    private sealed record Change(JsonElement? Code = null, JsonElement? Subcode = null, bool? Refreshes = null, bool Webhook = false);

    private sealed record News(string? Event, JsonElement? Reason, string? State, string? TokenIdentifierAlg, string? Token, int AgeSeconds = 0);
}
