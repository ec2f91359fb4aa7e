using EventSourcing;

namespace Outreach.Features;

/// <summary>A mail program loads the image of a message: note the first time. Whatever happens, it gets its image: a creator must never see a broken one.</summary>
public static partial class TrackOpen
{
    // The smallest transparent GIF there is.
    private static readonly byte[] Image = Convert.FromBase64String("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7");

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/o/{token}.gif", Handle).WithName(nameof(TrackOpen)).AllowAnonymous().ExcludeFromDescription();

    private static async Task<IResult> Handle(
        string token, HttpResponse response, OpenTracking tracking, WorkList work, OrganizationScope scope, StreamSession session, TimeProvider clock,
        ILogger<OpenTracking> logger, CancellationToken ct)
    {
        response.Headers.CacheControl = "no-store, private";
        response.Headers["Referrer-Policy"] = "no-referrer";
        try
        {
            if (await tracking.Read(token) is { } link)
            {
                scope.Bind(link.Organization);
                await Note(link.Organization, link.DeliveryId, work, session, clock.GetUtcNow(), ct);
            }
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            NotNoted(logger, e.GetType().Name);
        }

        return TypedResults.Bytes(Image, "image/gif");
    }

    public static Decision Decide(Engagement? state, Recipient recipient, DateTimeOffset now) =>
        state is { IsOpened: true } ? Decision.Nothing : Decision.Of(new MessageOpened(recipient, now));

    private static async Task Note(string organization, Guid delivery, WorkList work, StreamSession session, DateTimeOffset now, CancellationToken ct)
    {
        // Mail programs load it again at every look: most of the time, one read is all there is to do.
        if (await session.Load<Engagement>(delivery, ct) is { IsOpened: true } || await work.Find(organization, delivery, ct) is not { } recipient)
        {
            return;
        }

        await session.DecideAndSave<Engagement>(
            delivery, state => Decide(state, recipient, now), ct, alongside: operations => Engagements.Opened(operations, recipient, now));
    }

    [LoggerMessage(LogLevel.Warning, "The opening of a message was not noted ({Fault}).")]
    private static partial void NotNoted(ILogger logger, string fault);
}
