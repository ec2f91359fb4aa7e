using Platforms.Calls;

namespace Platforms.Control;

/// <summary>Who called what, how often and how it ended. Never a token.</summary>
public static class CallControls
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/control/accounts/{platform}/{handle}/calls", OfAccount);
        routes.MapDelete("/control/accounts/{platform}/{handle}/calls", ForgetAccount);
        routes.MapGet("/control/platforms/{platform}/calls", OfPlatform);
        routes.MapDelete("/control/platforms/{platform}/calls", ForgetPlatform);
    }

    /// <summary>The account's calls, newest first, 100 at most, and how many there were per endpoint. 404 account.unknown.</summary>
    private static IResult OfAccount(string platform, string handle, Desk desk, CallLog log) => desk.With(
        platform, handle, (_, account) => Results.Ok(new { counts = log.Counts(account.Key), calls = log.Latest(account.Key) }));

    private static IResult ForgetAccount(string platform, string handle, Desk desk, CallLog log) => desk.With(platform, handle, (_, account) =>
    {
        log.Clear(key => key == account.Key);
        return Results.NoContent();
    });

    /// <summary>
    /// The counts of all accounts together, per endpoint: with the number of accounts that had such a call, and the most that one account had and had at once.
    /// unattributed: calls with a token that is nobody's. 404 platform.unknown.
    /// </summary>
    private static IResult OfPlatform(string platform, Desk desk, CallLog log) => desk.WithPlatform(platform, kind =>
    {
        var all = log.CountsOf(kind.Key).SelectMany(a => a.Counts, (a, c) => (a.Handle, Endpoint: c.Key, Count: c.Value)).ToList();
        return Results.Ok(new
        {
            counts = all.Where(c => c.Handle.Length > 0).GroupBy(c => c.Endpoint).ToDictionary(g => g.Key, g => new
            {
                total = g.Sum(c => c.Count.Total),
                succeeded = g.Sum(c => c.Count.Succeeded),
                failed = g.Sum(c => c.Count.Failed),
                accounts = g.Count(),
                mostPerAccount = g.Max(c => c.Count.Total),
                mostSucceededPerAccount = g.Max(c => c.Count.Succeeded),
                mostAtOncePerAccount = g.Max(c => c.Count.AtOnce),
            }),
            unattributed = all.Where(c => c.Handle.Length is 0).ToDictionary(c => c.Endpoint, c => c.Count),
        });
    });

    private static IResult ForgetPlatform(string platform, Desk desk, CallLog log) => desk.WithPlatform(platform, kind =>
    {
        log.Clear(key => key.Platform == kind.Key);
        return Results.NoContent();
    });
}
