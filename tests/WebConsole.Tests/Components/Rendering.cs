using Bunit;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using WebConsole.Apis;

namespace WebConsole.Tests.Components;

/// <summary>Components without a browser: what they draw for what they are given.</summary>
public abstract class Rendering : BunitContext
{
    protected Rendering()
    {
        Services.AddMudServices();
        Services.AddSingleton(TimeProvider.System);
        JSInterop.Mode = JSRuntimeMode.Loose;
        // Patience for a busy machine: what is waited for comes, only later.
        DefaultWaitTimeout = TimeSpan.FromSeconds(30);
    }

    protected static CreatorRow Row(string name, params ConnectionCell[] connections) =>
        new(Guid.CreateVersion7(), name, new() { ["instagram"] = "ana.costa", ["tiktok"] = null }, connections, null);

    protected static ConnectionCell Cell(string type, string status, string? reason = null) =>
        new(type, "instagram", status, reason, new(2026, 11, 3, 8, 0, 0, TimeSpan.Zero), Guid.CreateVersion7());
}
