using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Http.Resilience;
using MudBlazor.Services;
using ServiceDefaults;
using WebConsole.Apis;
using WebConsole.Creators;
using WebConsole.Layout;
using WebConsole.SignIn;

namespace WebConsole;

/// <summary>What the console is made of: a sign-in, a typed client per service, and pages.</summary>
public static class Wiring
{
    public static void AddConsole(this WebApplicationBuilder builder)
    {
        // Under State:Directory live the keys and the sessions. With it people stay signed in over a restart; without it (a quick try) they do not.
        var state = builder.Configuration["State:Directory"] is { Length: > 0 } directory ? new DirectoryInfo(directory) : null;
        var protection = builder.Services.AddDataProtection().SetApplicationName("creator-connections-console");
        if (state is not null)
        {
            protection.PersistKeysToFileSystem(state.CreateSubdirectory("keys"));
        }

        // Components bring files of their own. Published, they lie in one folder; started from a build outside Development, nobody would look for them.
        builder.WebHost.UseStaticWebAssets();

        builder.AddSignIn(state?.CreateSubdirectory("sessions"));

        builder.Services.AddHttpClient<CampaignApi>(http => http.BaseAddress = new("http://campaign"));
        builder.Services.AddHttpClient<ConnectionsApi>(http => http.BaseAddress = new("http://connections"));
        builder.Services.AddHttpClient<WebhooksApi>(http => http.BaseAddress = new("http://webhooks"));
        builder.Services.AddHttpClient<ServiceHealth>();
        builder.Services.AddHttpClient(OperationsApis.Client);
        builder.Services.AddScoped<OperationsApis>();
        builder.Services.AddScoped<NameBook>();
        builder.Services.AddScoped<LeftList>();
        // A person waits in front of the page: better a clear word and a button after a few seconds than a full answer after thirty.
        builder.Services.ConfigureAll<HttpStandardResilienceOptions>(options =>
        {
            options.Retry.MaxRetryAttempts = 2;
            options.Retry.Delay = TimeSpan.FromMilliseconds(150);
            options.AttemptTimeout.Timeout = TimeSpan.FromSeconds(6);
            options.TotalRequestTimeout.Timeout = TimeSpan.FromSeconds(12);
        });
        // A preview of very many recipients takes its time.
#pragma warning disable EXTEXP0001 // The one way to give a client other patience than the rest.
        builder.Services.AddHttpClient<OutreachApi>(http => http.BaseAddress = new("http://outreach")).RemoveAllResilienceHandlers().AddStandardResilienceHandler(options =>
#pragma warning restore EXTEXP0001
        {
            options.Retry.DisableForUnsafeHttpMethods();
            options.AttemptTimeout.Timeout = TimeSpan.FromSeconds(15);
            options.TotalRequestTimeout.Timeout = TimeSpan.FromSeconds(30);
        });

        builder.Services.Configure<ForwardedHeadersOptions>(options => options.ForwardedHeaders = ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost);
        // What a page was first drawn from comes back with the page's first message: a page of creators is more than the 32 KB allowed otherwise.
        builder.Services.AddRazorComponents().AddInteractiveServerComponents().AddHubOptions(hub => hub.MaximumReceiveMessageSize = 512 * 1024);
        builder.Services.AddCascadingAuthenticationState();
        builder.Services.AddMudServices();
        builder.Services.AddResponseCompression(options => options.EnableForHttps = true);
    }

    public static void MapConsole(this WebApplication app)
    {
        app.UseForwardedHeaders();
        app.UseResponseCompression();
        app.UsePageHeaders();
        app.UseExceptionHandler("/error", createScopeForErrors: true);
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();

        app.MapHealth();
        app.MapStaticAssets().AllowAnonymous();
        app.MapSignOut();
        app.MapGet("/", () => Results.LocalRedirect("/campaigns")).RequireAuthorization();
        CreatorExport.Map(app);
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode().RequireAuthorization();
    }
}
