using Microsoft.AspNetCore.Http.HttpResults;
using Platforms.Accounts;

namespace Platforms.Consent;

/// <summary>The page on which a person allows or denies: one form that posts back to its own address, so the query is checked both times.</summary>
public sealed class ConsentPages(Ledger ledger, Codes codes, PlatformClock clock)
{
    private const int AccountsShown = 6;

    public void Map(IEndpointRouteBuilder routes, string path, IConsentDialogue dialogue)
    {
        routes.MapGet(path, (HttpRequest request) => Show(request, dialogue));
        routes.MapPost(path, (HttpRequest request) => Answer(request, dialogue));
    }

    private IResult Show(HttpRequest request, IConsentDialogue dialogue) =>
        Read(request, dialogue, consent => Page(request, dialogue, consent, consent.Hint, null));

    private async Task<IResult> Answer(HttpRequest request, IConsentDialogue dialogue)
    {
        var form = await request.ReadFormAsync();
        return Read(request, dialogue, consent => form["decision"].ToString() switch
        {
            "allow" => Allow(request, form, dialogue, consent),
            "deny" => Results.Redirect(dialogue.Denied(consent)),
            _ => Page(request, dialogue, consent, form["handle"], "Choose Allow or Cancel."),
        });
    }

    private IResult Allow(HttpRequest request, IFormCollection form, IConsentDialogue dialogue, ConsentRequest consent)
    {
        if (AccountKey.From(dialogue.Platform.Key, form["handle"]) is not { } key)
        {
            return Page(request, dialogue, consent, form["handle"], "A handle has letters, digits, dots, dashes and underscores, at most 60 of them.");
        }

        var now = clock.GetUtcNow();
        var account = ledger.Open(dialogue.Platform, key.Handle, now);
        if (form["accountType"].ToString() is { Length: > 0 } type && type != account.Type && dialogue.Platform.AccountTypes.Any(t => t.Name == type))
        {
            account = ledger.Change(key, a => a with { Type = type })!;
        }

        if ((Unusable(account) ?? dialogue.Refuses(account)) is { } words)
        {
            return Page(request, dialogue, consent, key.Handle, words);
        }

        var locked = dialogue.Platform.Scopes.Where(s => s.Locked).Select(s => s.Name);
        string[] granted = [.. consent.Scopes.Where(s => locked.Contains(s) || form["scope"].Contains(s))];
        if (granted.Length is 0)
        {
            return Results.Redirect(dialogue.Denied(consent));
        }

        var code = dialogue.NewCode();
        var promise = dialogue.Promise(consent, account, granted, now);
        codes.Keep(code, promise);
        return Results.Redirect(dialogue.Granted(consent, code, promise));
    }

    private static string? Unusable(Account account) => account.Trouble?.Kind switch
    {
        TroubleKind.Suspended => $"{account.Handle} is suspended and cannot be used.",
        TroubleKind.Checkpointed => $"{account.Handle} has to confirm who they are, in the app, before they can go on.",
        TroubleKind.Deleted => $"There is no account {account.Handle} any more.",
        _ => null,
    };

    private static IResult Read(HttpRequest request, IConsentDialogue dialogue, Func<ConsentRequest, IResult> goOn)
    {
        request.HttpContext.Response.Headers.CacheControl = "no-store";
        return dialogue.Read(request.Query) switch
        {
            { Request: { } consent } => goOn(consent),
            { RedirectTo: { } address } => Results.Redirect(address),
            { Refusal: var refusal } => new RazorComponentResult<RefusalPage>(new { dialogue.Platform, Refusal = refusal })
            {
                StatusCode = StatusCodes.Status400BadRequest,
            },
        };
    }

    private IResult Page(HttpRequest request, IConsentDialogue dialogue, ConsentRequest consent, string? handle, string? complaint)
    {
        var known = AccountKey.From(dialogue.Platform.Key, handle) is { } key ? ledger.Find(key) : null;
        var accounts = ledger.All(dialogue.Platform.Key).OrderByDescending(a => a.Grant?.GrantedAt ?? a.OpenedAt).Take(AccountsShown).ToList();
        var query = request.Query.Where(p => p.Key != "login_hint").SelectMany(p => p.Value, (p, value) => (p.Key, value)).ToArray();
        return new RazorComponentResult<ConsentPage>(new
        {
            dialogue.Platform,
            Request = consent,
            Handle = handle,
            AccountType = known?.Type ?? dialogue.Platform.AccountTypes[0].Name,
            Accounts = accounts,
            PickAddress = (Func<Account, string>)(a => Wire.With(request.PathBase + request.Path, [.. query, ("login_hint", a.Handle)])),
            Complaint = complaint,
        })
        {
            StatusCode = complaint is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
        };
    }
}
