using Connections.Hub;
using Connections.Platforms;
using Connections.Vault;
using EventSourcing;
using Npgsql;

namespace Connections.Features;

/// <summary>A creator has what is kept of their accounts erased, in the Hub, without asking anybody.</summary>
public static class EraseMyData
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/hub/data/erase", Handle)
        .WithName(nameof(EraseMyData)).AllowAnonymous().DisableAntiforgery().RequireRateLimiting(HubRateLimit.Policy).ExcludeFromDescription();

    private static async Task<IResult> Handle(
        HttpContext http, StreamSession session, PlatformList platforms, NpgsqlDataSource source, TokenVault vault, Erasures erasures, TimeProvider clock, CancellationToken ct)
    {
        if (await HubForm.Sender(http) is not { } visit)
        {
            return HubResponse.NoSession(http);
        }

        // The box is what a creator presses on purpose: a form sent without it, by whatever means, erases nothing.
        if ((await http.Request.ReadFormAsync(ct))["sure"] != "yes")
        {
            return HubResponse.To(http, "/hub/data?outcome=not-sure");
        }

        var done = await EraseCreator.Erase(visit.CreatorId, "creator", session, platforms, source, vault, erasures, clock, ct);
        return HubResponse.To(http, $"/hub/data?outcome={(done ? "erased" : "erasing")}");
    }
}
