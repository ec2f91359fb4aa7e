using System.Net;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Net.Http.Headers;
using WebConsole.Apis;

namespace WebConsole.Creators;

/// <summary>The list as a file. A browser's download carries no token, so the console fetches it in the person's name and passes it on as it comes.</summary>
public static class CreatorExport
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/campaigns/{id:guid}/creators.csv", Handle).RequireAuthorization();

    private static async Task<IResult> Handle(Guid id, HttpContext http, AuthenticationStateProvider person, CampaignApi api, CancellationToken ct)
    {
        // The clients learn from the page who asks; here is no page, only the request.
        ((IHostEnvironmentAuthenticationStateProvider)person).SetAuthenticationState(Task.FromResult(new AuthenticationState(http.User)));
        HttpResponseMessage file;
        try
        {
            file = await api.Export(id, http.Request.QueryString.Value ?? "", ct);
        }
        catch (ApiProblem problem) when (problem.Code == ApiProblem.SessionEnded)
        {
            return Results.Challenge();
        }
        catch (ApiProblem problem)
        {
            return Results.Problem(problem.Message, statusCode: (int)(problem.IsAway ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.BadRequest), extensions: new Dictionary<string, object?> { ["code"] = problem.Code });
        }

        using (file)
        {
            http.Response.ContentType = file.Content.Headers.ContentType?.ToString() ?? "text/csv";
            http.Response.Headers.ContentDisposition = file.Content.Headers.TryGetValues(HeaderNames.ContentDisposition, out var name) ? string.Join("", name) : "attachment";
            http.Response.Headers.CacheControl = "no-store";
            await file.Content.CopyToAsync(http.Response.Body, ct);
            return Results.Empty;
        }
    }
}
