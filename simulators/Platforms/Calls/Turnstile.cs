using Platforms.Accounts;

namespace Platforms.Calls;

/// <summary>What every call of a platform passes, on its way in and out: delays, ordered failures, an account's trouble, and the call log.</summary>
public sealed class Turnstile(IEnumerable<ISimulatedPlatform> platforms, Ledger ledger, Codes codes, Outages outages, CallLog log, PlatformClock clock)
{
    public async ValueTask<object?> Pass(
        EndpointFilterInvocationContext invocation, EndpointFilterDelegate next, string key, FaultPlace place, Func<HttpRequest, string> endpoint)
    {
        var http = invocation.HttpContext;
        var form = http.Request.HasFormContentType ? await http.Request.ReadFormAsync() : null;
        var name = endpoint(http.Request);
        var (account, token) = Caller(http.Request, form, key);
        var (status, code) = ((int?)null, (string?)null);
        log.Begin(key, account, name);
        try
        {
            await Wait(DelayMoment.Before);
            if ((outages.TakeFault(key, place, name) ?? Ordered()) is not { } fault)
            {
                return await Answered(Shut() ?? Throttled() ?? await next(invocation));
            }

            if (fault.HangUp is HangUp.None)
            {
                Wire.AskToWait(http.Response, fault);
                return await Answered(Platform().Fail(fault, place));
            }

            if (fault.HangUp is HangUp.After && Shut() is null)
            {
                await next(invocation);
            }

            code = fault.HangUp is HangUp.After ? "hang-up-after" : "hang-up-before";
            http.Abort();
            return Results.Empty;
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller gave up while it was let wait: whatever was done by then stays done.
            code = "caller-gone";
            return Results.Empty;
        }
        finally
        {
            log.End(key, account, name, status, code);
        }

        ISimulatedPlatform Platform() => platforms.Single(p => p.Key == key);

        Fault? Ordered() => account is null ? null : ledger.TakeFault(account, place, name);

        // A token that is dead anyway is told so: the account's trouble is nobody's business who may not use it.
        IResult? Shut() => account?.Trouble is { } trouble && token?.IsLive(clock.GetUtcNow()) is not false ? Platform().Shut(trouble, place, name) : null;

        IResult? Throttled() => place is FaultPlace.Api ? Platform().Throttle(http.Response, account, name) : null;

        async ValueTask<object?> Answered(object? answer)
        {
            await Wait(DelayMoment.After);
            (status, code) = answer is WireAnswer wire ? (wire.Status, wire.Code) : (StatusCodes.Status200OK, null);
            return answer;
        }

        async Task Wait(DelayMoment moment)
        {
            foreach (var delay in (Delay?[])[outages.Of(key).Delay, account?.Delay])
            {
                if (delay is not null && delay.When == moment && (delay.Where is FaultPlace.Any || delay.Where == place))
                {
                    await Task.Delay(delay.Milliseconds, http.RequestAborted);
                }
            }
        }
    }

    private (Account? Account, IssuedToken? Token) Caller(HttpRequest request, IFormCollection? form, string platform)
    {
        foreach (var value in (string?[])[Wire.Bearer(request), request.Query["access_token"], form?["refresh_token"], form?["token"]])
        {
            if (ledger.FindToken(value) is var (account, token) && account.Platform == platform)
            {
                return (account, token);
            }
        }

        return codes.Peek(platform, form?["code"]) is { } code ? (ledger.Find(code.Account), null) : (null, null);
    }
}

public static class TurnstileRoutes
{
    /// <summary>Puts the turnstile before a token endpoint, whose calls are an exchange or a refresh by their grant type.</summary>
    public static RouteHandlerBuilder PassingTurnstile(this RouteHandlerBuilder route, string platform) => route.PassingTurnstile(
        platform,
        FaultPlace.Token,
        // The turnstile has read the form by then.
        request => request.HasFormContentType && request.Form["grant_type"].ToString() is "refresh_token" ? "refresh" : "exchange");

    /// <summary>Puts the turnstile before an endpoint.</summary>
    /// <param name="route">The endpoint.</param>
    /// <param name="platform">Whose it is.</param>
    /// <param name="place">Which faults meet it.</param>
    /// <param name="endpoint">Its name in the call log.</param>
    public static RouteHandlerBuilder PassingTurnstile(this RouteHandlerBuilder route, string platform, FaultPlace place, string endpoint) =>
        route.PassingTurnstile(platform, place, _ => endpoint);

    /// <summary>The same for an endpoint that serves several purposes.</summary>
    public static RouteHandlerBuilder PassingTurnstile(this RouteHandlerBuilder route, string platform, FaultPlace place, Func<HttpRequest, string> endpoint) =>
        route.AddEndpointFilter((invocation, next) =>
            invocation.HttpContext.RequestServices.GetRequiredService<Turnstile>().Pass(invocation, next, platform, place, endpoint));
}
