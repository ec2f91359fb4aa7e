using System.Reflection;
using Platforms.Accounts;
using Platforms.Control;
using Platforms.TikTokBusiness;
using ServiceDefaults;

namespace Platforms;

/// <summary>The table of contents.</summary>
public static class Endpoints
{
    public static void MapEndpoints(this WebApplication app)
    {
        foreach (var platform in app.Services.GetServices<ISimulatedPlatform>())
        {
            platform.Map(app);
        }

        BusinessApi.Map(app);
        AccountControls.Map(app);
        StateControls.Map(app);
        FaultControls.Map(app);
        CallControls.Map(app);
        BulkControls.Map(app);
        WebhookControls.Map(app);
        SwitchControls.Map(app);
        ControlPages.Map(app);
        Avatars.Map(app);
        Covers.Map(app);
        app.MapGet("/assets/{name:regex(^[a-z]+$)}.css", Style);
        app.MapHealth();
    }

    private static IResult Style(string name) => Assembly.GetExecutingAssembly().GetManifestResourceStream($"{name}.css") is { } style
        ? Results.Stream(style, "text/css; charset=utf-8")
        : Results.NotFound();
}
