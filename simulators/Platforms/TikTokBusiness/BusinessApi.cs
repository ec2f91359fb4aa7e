using System.Text.Json;

namespace Platforms.TikTokBusiness;

/// <summary>TikTok API for Business: the creator marketplace and campaigns of TikTok One. Everything passes one gate: path, fault, token.</summary>
public static class BusinessApi
{
    public const string Root = "/tiktok/business/open_api/v1.3";

    private const string TokenHeader = "Access-Token";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var open = routes.MapGroup(Root).AddEndpointFilter(Gate);
        var brand = open.MapGroup("").AddEndpointFilter(BrandOnly);
        BrandTokens.Map(open);
        CreatorTokens.Map(open);
        ReadMarketplace.Map(brand);
        InviteCreators.Map(brand);
        RunCampaigns.Map(brand);
        CreatorCalls.Map(open);
        MarketplaceControls.Map(routes);
    }

    public static string Token(HttpRequest request) => request.Headers[TokenHeader].ToString();

    /// <summary>A list in a query is written as JSON: handle_names=["a","b"]. Null when it is not.</summary>
    public static IReadOnlyList<string>? List(HttpRequest request, string name) => Parse<string[]>(request.Query[name].ToString());

    /// <summary>The JSON body; null when it is none.</summary>
    public static async Task<T?> Body<T>(HttpRequest request)
        where T : class
    {
        using var reader = new StreamReader(request.Body);
        return Parse<T>(await reader.ReadToEndAsync());
    }

    private static T? Parse<T>(string json)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Names);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static readonly JsonSerializerOptions Names = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static ValueTask<object?> Gate(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        if (!request.Path.Value!.EndsWith('/'))
        {
            // The real servers know no path without its trailing slash.
            return new(Results.Text("404 page not found", statusCode: StatusCodes.Status404NotFound));
        }

        var book = context.HttpContext.RequestServices.GetRequiredService<MarketplaceBook>();
        book.Note(request);
        return book.TakeFault(request.Path) is { } fault
            ? new(BusinessAnswer.Refuse(fault.Code, "The simulation was told to answer so."))
            : next(context);
    }

    private static ValueTask<object?> BrandOnly(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var services = context.HttpContext.RequestServices;
        var registration = services.GetRequiredService<BusinessRegistration>();
        return Token(context.HttpContext.Request) switch
        {
            "" => new(BusinessAnswer.Refuse(BusinessAnswer.TokenMissing, "Access token is null, you should set it in http header with key Access-Token.")),
            var token when token != registration.AccessToken && !services.GetRequiredService<MarketplaceBook>().Settings.BrandTokens.Contains(token) =>
                new(BusinessAnswer.Refuse(BusinessAnswer.TokenIncorrect, "Access token is incorrect or has been revoked.")),
            _ => next(context),
        };
    }
}
