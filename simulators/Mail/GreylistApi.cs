namespace Mail;

/// <summary>Switches greylisting.</summary>
internal static class GreylistApi
{
    public sealed record Switch(bool On);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/control/greylisting", (Greylist greylist) => new Switch(greylist.IsOn));
        // Whichever way it is switched, it knows nobody afterwards.
        routes.MapPut("/control/greylisting", (Switch wanted, Greylist greylist) =>
        {
            greylist.Switch(wanted.On);
            return wanted;
        });
    }
}
