using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Platforms.Accounts;
using Platforms.Calls;

namespace Platforms.Instagram;

/// <summary>What the account published, newest first, by cursor; its live stories; and one of them by its id.</summary>
public static class ListMedia
{
    private const int BadParameter = 100;
    private const int Missing = 33;
    private const int UsualLimit = 25;
    private const int LargestLimit = 100;

    public static void Map(IEndpointRouteBuilder routes)
    {
        const string account = "/instagram/graph/v{version:decimal}/{id}";
        routes.MapGet($"{account}/media", Published).PassingTurnstile(InstagramPlatform.PlatformKey, FaultPlace.Api, "media");
        routes.MapGet($"{account}/stories", Stories).PassingTurnstile(InstagramPlatform.PlatformKey, FaultPlace.Api, "stories");
        routes.MapGet("/instagram/graph/v{version:decimal}/{id}", One)
            .PassingTurnstile(InstagramPlatform.PlatformKey, FaultPlace.Api, "object");
    }

    /// <summary>The account itself under any of its names: nobody reads another's.</summary>
    public static bool IsOwn(string id, Account account) => id == "me" || id == account.ProfileId || id == account.Id;

    public static IResult NotThere(string id) => GraphError.Of(
        BadParameter,
        $"Unsupported get request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation.",
        Missing,
        "IGApiException");

    private static IResult Published(string id, HttpRequest request, GraphCaller caller, PlatformClock clock) =>
        Admit(id, request, caller, InstagramPlatform.BasicScope, account => FieldsOf(request, out var refused) is { } fields
            ? Page(request, Media.Posts(new(account, clock.GetUtcNow())), fields)
            : refused!);

    private static IResult Stories(string id, HttpRequest request, GraphCaller caller, SwitchBoard switches, PlatformClock clock) =>
        Admit(id, request, caller, InstagramPlatform.InsightsScope, account =>
        {
            if (!switches.Current.Instagram.Stories)
            {
                return GraphError.Of(BadParameter, "Unsupported request - method type: get", type: "IGApiException");
            }

            return FieldsOf(request, out var refused) is { } fields
                ? Wire.Json(new { data = Media.LiveStories(new(account, clock.GetUtcNow())).Select(m => m.Show(fields, request)) })
                : refused!;
        });

    private static IResult One(string id, HttpRequest request, GraphCaller caller, SwitchBoard switches, PlatformClock clock) =>
        caller.Admit(request, InstagramPlatform.BasicScope, (account, _) =>
        {
            if (IsOwn(id, account))
            {
                return ReadProfile.Show(request, account, switches, clock);
            }

            if (Media.Find(new(account, clock.GetUtcNow()), id) is not { } media)
            {
                return NotThere(id);
            }

            return FieldsOf(request, out var refused) is { } fields ? Wire.Json(media.Show(fields, request)) : refused!;
        });

    private static IResult Admit(string id, HttpRequest request, GraphCaller caller, string scope, Func<Account, IResult> goOn) =>
        caller.Admit(request, scope, (account, _) => IsOwn(id, account) ? goOn(account) : NotThere(id));

    private static string[]? FieldsOf(HttpRequest request, out IResult? refused)
    {
        string[] fields = ["id", .. request.Query["fields"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        refused = fields.FirstOrDefault(f => !Media.FieldNames.Contains(f)) is { } unknown
            ? GraphError.Of(BadParameter, $"(#100) Tried accessing nonexisting field ({unknown})", type: "IGApiException")
            : null;
        return refused is null ? fields : null;
    }

    private static IResult Page(HttpRequest request, IEnumerable<Media> all, string[] fields)
    {
        var limit = int.TryParse(request.Query["limit"], out var wanted) && wanted > 0 ? Math.Min(wanted, LargestLimit) : UsualLimit;
        var (after, before) = (Number(request.Query["after"]), Number(request.Query["before"]));
        if ((after is null && request.Query.ContainsKey("after")) || (before is null && request.Query.ContainsKey("before")))
        {
            return GraphError.Of(BadParameter, "(#100) The cursor is invalid");
        }

        var page = before is { } newer
            ? all.TakeWhile(m => m.Post.Number > newer).TakeLast(limit).ToList()
            : all.SkipWhile(m => m.Post.Number >= (after ?? long.MaxValue)).Take(limit).ToList();
        if (page.Count is 0)
        {
            return Wire.Json(new { data = Array.Empty<object>() });
        }

        var (first, last) = (Cursor(page[0].Post.Number), Cursor(page[^1].Post.Number));
        return Wire.Json(new
        {
            data = page.Select(m => m.Show(fields, request)),
            paging = new
            {
                cursors = new { before = first, after = last },
                previous = all.First().Post.Number > page[0].Post.Number ? Link(request, "before", first) : null,
                next = page[^1].Post.Number > 1 ? Link(request, "after", last) : null,
            },
        });
    }

    // Posts are numbered, and new ones come at the front: a cursor by number is good however long somebody takes to come back.
    private static string Cursor(long number) => WebEncoders.Base64UrlEncode(Encoding.ASCII.GetBytes($"m:{number.ToString(CultureInfo.InvariantCulture)}"));

    private static long? Number(string? cursor)
    {
        try
        {
            var text = cursor is null ? "" : Encoding.ASCII.GetString(WebEncoders.Base64UrlDecode(cursor));
            return text.StartsWith("m:", StringComparison.Ordinal) && long.TryParse(text[2..], out var number) ? number : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    // Like Meta's own, the link holds whatever the request held: an access token in the address too.
    private static string Link(HttpRequest request, string direction, string cursor)
    {
        var kept = request.Query.Where(p => p.Key is not ("after" or "before")).Select(p => (p.Key, (string?)p.Value.ToString()));
        return Wire.With(Wire.Origin(request) + request.Path, [.. kept, (direction, cursor)]);
    }
}
