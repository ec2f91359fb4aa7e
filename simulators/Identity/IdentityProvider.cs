using Microsoft.Extensions.Configuration.Json;
using ServiceDefaults;

namespace Identity;

/// <summary>The whole simulator as one object, so that a test can run it in its own process.</summary>
public static class IdentityProvider
{
    /// <summary>Builds it, ready to start.</summary>
    /// <param name="args">Settings such as <c>--Issuer=http://localhost:5203</c>; they count before the environment, and that before identity.json.</param>
    public static async Task<WebApplication> Build(params string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        // First in line, so that everything else overrides it; and not called appsettings.json, which in a test's folder would be somebody else's.
        builder.Configuration.Sources.Insert(0, new JsonConfigurationSource
        {
            FileProvider = new Microsoft.Extensions.FileProviders.PhysicalFileProvider(AppContext.BaseDirectory),
            Path = "identity.json",
        });
        builder.AddHostDefaults();
        builder.Configuration["urls"] ??= "http://localhost:5203";
        builder.AddProvider();

        var app = builder.Build();
        app.UseStatusCodePages(Pages.Problem);
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapHealth();
        HomePage.Map(app);
        SignIn.Map(app);
        Authorize.Map(app);
        IssueToken.Map(app);
        UserInfo.Map(app);
        EndSession.Map(app);

        await Clients.Register(app.Services);
        return app;
    }
}
