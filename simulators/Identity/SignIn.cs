using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Identity;

/// <summary>The page where one says who one is. It believes everybody: there are no passwords in a simulator.</summary>
internal static class SignIn
{
    public const string Path = "/sign-in";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (string? returnUrl, IOptions<Settings> settings) => Show(returnUrl, settings.Value));
        // No antiforgery token: whoever can reach this machine's loopback may be anybody here anyway, and test clients post the form as it is.
        routes.MapPost(Path,
            ([FromForm] string? person, [FromForm] string? returnUrl, IOptions<Settings> settings) =>
                Choose(person, returnUrl, settings.Value)).DisableAntiforgery();
    }

    private static IResult Show(string? returnUrl, Settings settings) => !IsOurs(returnUrl)
        ? Pages.Page("Nothing to sign in to", """
            <h1>Nothing to sign in to</h1><p>This page is where an application sends you to sign in. Start from the application.</p>
            """, StatusCodes.Status400BadRequest)
        : Pages.Page("Sign in", $"""
            <h1>Who are you today?</h1>
            <p>Choose a person. There are no passwords here.</p>
            <form method="post" action="{Path}">
              <input type="hidden" name="returnUrl" value="{Pages.Text(returnUrl)}">
              {string.Concat(settings.People.GroupBy(person => person.Organization).Select(people => $"""
                <h2>{Pages.Text(settings.NameOf(people.Key))}</h2>
                <div class="people">{string.Concat(people.Select(Button))}</div>
                """))}
            </form>
            """);

    private static string Button(Person person) => $"""
        <button name="person" value="{Pages.Text(person.Id)}">
          <span class="face" style="--hue:{person.Id.Sum(letter => letter * 7) % 360}" aria-hidden="true">{Pages.Text(Initials(person.Name))}</span>
          <span class="who"><strong>{Pages.Text(person.Name)}</strong><small>{Pages.Text(person.Email)}</small></span>
          <span class="role {Pages.Text(person.Role.ToLowerInvariant())}">{Pages.Text(person.Role)}</span>
        </button>
        """;

    private static string Initials(string name) => string.Concat(name.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(2).Select(part => part[0]));

    private static IResult Choose(string? id, string? returnUrl, Settings settings)
    {
        if (!IsOurs(returnUrl) || settings.People.Find(one => one.Id == id) is not { } person)
        {
            return Pages.Page("Unknown", "<h1>That did not work</h1><p>Choose one of the people on the sign-in page, coming from an application.</p>",
                StatusCodes.Status400BadRequest);
        }

        var identity = new ClaimsIdentity([new(ClaimTypes.Name, person.Id)], CookieAuthenticationDefaults.AuthenticationScheme);
        return new SignedIn(new(identity), returnUrl!);
    }

    // Only on with the authorization that sent the person here: never an open redirect.
    private static bool IsOurs(string? returnUrl) => returnUrl?.StartsWith(Authorize.Path + "?", StringComparison.Ordinal) == true;

    private sealed class SignedIn(ClaimsPrincipal person, string returnUrl) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            await TypedResults.SignIn(person, authenticationScheme: CookieAuthenticationDefaults.AuthenticationScheme).ExecuteAsync(httpContext);
            await TypedResults.LocalRedirect(returnUrl).ExecuteAsync(httpContext);
        }
    }
}
