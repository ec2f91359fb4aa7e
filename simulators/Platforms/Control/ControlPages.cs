namespace Platforms.Control;

/// <summary>The simulator's own page: who granted what, and buttons for what the control API does.</summary>
public static class ControlPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", () => Results.Text("soon"));
    }
}
