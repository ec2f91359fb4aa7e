using Microsoft.AspNetCore.Http.HttpResults;
using Platforms.Accounts;
using Platforms.Calls;
using Platforms.Webhooks;

namespace Platforms.Control;

/// <summary>The simulator's own page: who granted what, the webhooks, and buttons for what the control API does. Plain forms, no JavaScript.</summary>
public static class ControlPages
{
    private const int AccountsShown = 40;
    private const int WebhooksShown = 25;
    private const int LongestDelay = 600_000;

    private static readonly Dictionary<string, Func<Desk, ISimulatedPlatform, Account, IFormCollection, IResult>> AccountActions = new()
    {
        ["revoke"] = (desk, platform, account, form) => Results.Ok(desk.Revoke(platform, account, new(Number(form, "reason")))?.Id),
        ["data-deletion"] = (desk, platform, account, _) => Results.Ok(desk.DeleteData(platform, account)?.Id),
        ["expire"] = (desk, _, account, _) => desk.Expire(account, _ => true),
        ["lifetimes"] = (desk, _, account, form) => desk.Changed(account, a => a with
        {
            Lifetimes = new(Positive(form, "accessSeconds"), Positive(form, "refreshSeconds")),
        }),
        ["fail"] = (desk, _, account, form) => desk.Changed(account, a => a with { Fault = FaultOf(form) }),
        ["delay"] = (desk, _, account, form) => desk.Changed(account, a => a with
        {
            Delay = Positive(form, "milliseconds") is { } milliseconds and <= LongestDelay ? new(milliseconds) : null,
        }),
        ["suspend"] = (desk, platform, account, form) => Trouble(desk, platform, account, form, TroubleKind.Suspended),
        ["checkpoint"] = (desk, platform, account, form) => Trouble(desk, platform, account, form, TroubleKind.Checkpointed),
        ["delete"] = (desk, platform, account, form) => Trouble(desk, platform, account, form, TroubleKind.Deleted),
        ["unsuspend"] = (desk, platform, account, form) => Results.Ok(desk.SetTrouble(platform, account, null, Tells(form))?.Id),
    };

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", Show);
        routes.MapPost("/page/accounts/{platform}/{handle}/{action}", Act);
        routes.MapPost("/page/webhooks/{id:long}/resend", Resend);
        routes.MapPost("/page/webhooks/bad-signature", Forge);
        routes.MapPost("/page/clock", MoveClock);
        routes.MapPost("/page/platforms/{platform}/fail", FailPlatform);
    }

    private static RazorComponentResult<ControlPage> Show(
        Desk desk, DeliveryLog log, SwitchBoard board, PlatformClock clock, Outages outages, CallLog calls, string? platform = null, string? search = null)
    {
        var chosen = desk.Platform(platform) ?? desk.Platforms[0];
        var found = desk.Search(chosen.Key, search).ToList();
        return new(new
        {
            Desk = desk,
            Chosen = chosen,
            Search = search,
            Accounts = found.Take(AccountsShown).ToList(),
            Found = found.Count,
            Webhooks = log.Newest(chosen.Key).Take(WebhooksShown).ToList(),
            Outage = outages.Of(chosen.Key),
            Calls = calls,
            Now = clock.GetUtcNow(),
            board.Current.ClockOffsetSeconds,
        });
    }

    private static async Task<IResult> Act(string platform, string handle, string action, HttpRequest request, Desk desk)
    {
        var form = await request.ReadFormAsync();
        if (!AccountActions.TryGetValue(action, out var act))
        {
            return Results.NotFound();
        }

        return desk.With(platform, handle, (kind, account) =>
        {
            act(desk, kind, account, form);
            return Back(platform, form["search"]);
        });
    }

    private static async Task<IResult> FailPlatform(string platform, HttpRequest request, Desk desk, Outages outages)
    {
        var form = await request.ReadFormAsync();
        return desk.WithPlatform(platform, kind =>
        {
            outages.Change(kind.Key, o => o with { Fault = FaultOf(form) });
            return Back(kind.Key, form["search"]);
        });
    }

    private static async Task<IResult> Resend(long id, HttpRequest request, DeliveryLog log)
    {
        var form = await request.ReadFormAsync();
        if (log.Find(id) is { } delivery)
        {
            log.SendAgain(delivery);
        }

        return Back(form["platform"], null);
    }

    private static async Task<IResult> Forge(HttpRequest request, Desk desk, DeliveryLog log)
    {
        var form = await request.ReadFormAsync();
        if (desk.Platform(form["platform"]) is { } platform)
        {
            log.ForgeNext(platform.Key, 1);
        }

        return Back(form["platform"], null);
    }

    private static async Task<IResult> MoveClock(HttpRequest request, SwitchBoard board)
    {
        var form = await request.ReadFormAsync();
        if (Number(form, "offsetHours") is { } hours and > -876_000 and < 876_000)
        {
            board.Change(s => s with { ClockOffsetSeconds = hours * 3600L });
        }

        return Back(form["platform"], null);
    }

    // 303: the browser comes back by GET, and a reload repeats nothing.
    private static IResult Back(string? platform, string? search) => new SeeOther(
        Wire.With("/", ("platform", platform), ("search", string.IsNullOrEmpty(search) ? null : search)));

    // Without a number of calls nothing fails any more.
    private static Fault? FaultOf(IFormCollection form)
    {
        var code = form["code"].ToString().Trim();
        return Positive(form, "calls") is { } calls && Number(form, "status") is { } status and >= 400 and <= 599
            ? new(calls, status) { Words = code.Length is 0 ? null : new(code), HangUp = Enum.TryParse<HangUp>(form["hangUp"], out var hangUp) ? hangUp : HangUp.None }
            : null;
    }

    private static IResult Trouble(Desk desk, ISimulatedPlatform platform, Account account, IFormCollection form, TroubleKind kind)
    {
        if (platform.TroubleOf(kind, new(), desk.Now) is { } trouble)
        {
            desk.SetTrouble(platform, account, trouble, Tells(form));
        }

        return Results.Ok();
    }

    private static bool Tells(IFormCollection form) => form["webhook"] == "true";

    private static int? Number(IFormCollection form, string name) => int.TryParse(form[name], out var number) ? number : null;

    private static int? Positive(IFormCollection form, string name) => Number(form, name) is { } number and > 0 ? number : null;

    private sealed class SeeOther(string address) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = address;
            return Task.CompletedTask;
        }
    }
}
