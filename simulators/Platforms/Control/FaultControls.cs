using System.Text.Json;
using Platforms.Accounts;
using Platforms.Calls;

namespace Platforms.Control;

/// <summary>Calls that fail, hang up or take long: of one account, or of a whole platform at once.</summary>
public static class FaultControls
{
    private const int LongestDelay = 600_000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/control/accounts/{platform}/{handle}/fail", FailAccount);
        routes.MapPost("/control/accounts/{platform}/{handle}/answer", FailAccount);
        routes.MapPost("/control/accounts/{platform}/{handle}/delay", DelayAccount);
        routes.MapGet("/control/platforms/{platform}", Show);
        routes.MapPost("/control/platforms/{platform}/fail", FailPlatform);
        routes.MapPost("/control/platforms/{platform}/answer", FailPlatform);
        routes.MapPost("/control/platforms/{platform}/delay", DelayPlatform);
    }

    /// <summary>
    /// The next calls made with this account's codes and tokens fail: with a status, with an exact error of the platform, or by hanging up. calls null
    /// is all of them until it is lifted, 0 lifts it. A new order takes the place of the last. Opens the account if need be. 422.
    /// </summary>
    private static IResult FailAccount(string platform, string handle, Order order, Desk desk) => order.Refusal ?? desk.WithOpened(
        platform, handle, (_, account) => desk.Changed(account, a => a with { Fault = order.Fault }));

    /// <summary>Each call of this account takes so many milliseconds longer; 0 takes it back. Opens the account if need be. 422.</summary>
    private static IResult DelayAccount(string platform, string handle, Delay delay, Desk desk) => Refusal(delay) ?? desk.WithOpened(
        platform, handle, (_, account) => desk.Changed(account, a => a with { Delay = Wanted(delay) }));

    /// <summary>What goes wrong at the whole platform at the moment, and what has been used of its limits. 404 platform.unknown.</summary>
    private static IResult Show(string platform, Desk desk, Outages outages) => desk.WithPlatform(platform, kind => Results.Ok(Shown(kind, outages.Of(kind.Key))));

    /// <summary>As for an account, but for every call of the platform, whoever makes it. 404 platform.unknown, 422.</summary>
    private static IResult FailPlatform(string platform, Order order, Desk desk, Outages outages) => order.Refusal ?? desk.WithPlatform(
        platform, kind => Results.Ok(Shown(kind, outages.Change(kind.Key, o => o with { Fault = order.Fault }))));

    /// <summary>Each call of the platform takes so many milliseconds longer; 0 takes it back. 404 platform.unknown, 422.</summary>
    private static IResult DelayPlatform(string platform, Delay delay, Desk desk, Outages outages) => Refusal(delay) ?? desk.WithPlatform(
        platform, kind => Results.Ok(Shown(kind, outages.Change(kind.Key, o => o with { Delay = Wanted(delay) }))));

    private static object Shown(ISimulatedPlatform platform, Outage outage) => new { outage.Fault, outage.Delay, platform.Usage };

    private static IResult? Refusal(Delay delay) => delay.Milliseconds is < 0 or > LongestDelay
        ? Problem.Invalid("milliseconds", "A call can be delayed by 0 to 600,000 milliseconds.")
        : null;

    private static Delay? Wanted(Delay delay) => delay.Milliseconds is 0 ? null : delay;

    private sealed record Order(
        int? Calls,
        int? Status,
        int? RetryAfterSeconds,
        JsonElement? Code,
        JsonElement? Subcode,
        string? Message,
        string? Type,
        bool? Transient,
        string? Endpoint,
        FaultPlace Where = FaultPlace.Any,
        HangUp HangUp = HangUp.None)
    {
        private const int UsualStatus = 400;

        // A code may come as a number or as text: platforms have both.
        private string? CodeText => Text(Code);

        public IResult? Refusal => this switch
        {
            { Calls: < 0 } => Problem.Invalid("calls", "There cannot be fewer than 0 calls."),
            { Calls: 0 } => null,
            { Status: < 200 or > 599 } => Problem.Invalid("status", "An answer has a status from 200 to 599."),
            { Status: < 400, CodeText: null } => Problem.Invalid("status", "Without a code, an error has a status from 400 to 599."),
            { Status: null, CodeText: null, HangUp: HangUp.None } => Problem.Invalid("status", "Give a status, a code or a hangUp."),
            _ => null,
        };

        public Fault? Fault => Calls is 0 ? null : new(Calls, Status ?? UsualStatus, Where, RetryAfterSeconds)
        {
            Endpoint = Endpoint,
            HangUp = HangUp,
            Words = CodeText is { } code ? new(code, Text(Subcode), Message, Type, Transient) : null,
        };

        private static string? Text(JsonElement? value) =>
            value is { ValueKind: JsonValueKind.Number or JsonValueKind.String } given && given.ToString() is { Length: > 0 } text ? text : null;
    }
}
