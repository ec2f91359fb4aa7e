using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Platforms.Accounts;
using Platforms.Calls;
using Platforms.Webhooks;

namespace Platforms.Control;

/// <summary>The clock, the switches and the way back to the beginning.</summary>
public static class SwitchControls
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(allowIntegerValues: false) },
    };

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/control/clock", Clock);
        routes.MapPost("/control/clock", MoveClock);
        routes.MapGet("/control/switches", (SwitchBoard board) => Results.Ok(board.Current));
        routes.MapPatch("/control/switches", Switch);
        routes.MapPost("/control/reset", Reset);
    }

    /// <summary>The platforms' time (UTC) and how many seconds it is ahead of the machine's.</summary>
    private static IResult Clock(PlatformClock clock, SwitchBoard board) => Results.Ok(new { now = clock.GetUtcNow(), board.Current.ClockOffsetSeconds });

    /// <summary>
    /// Sets the platforms' clock: offsetSeconds is counted from the machine's clock, not from the last setting. Everything they date or sign
    /// follows it. 422 for more than a century.
    /// </summary>
    private static IResult MoveClock(ClockChange change, PlatformClock clock, SwitchBoard board)
    {
        const long Century = 100L * 365 * 24 * 3600;
        if (change.OffsetSeconds is null or < -Century or > Century)
        {
            return Problem.Invalid("offsetSeconds", "Give the seconds, at most a century of them.");
        }

        board.Change(s => s with { ClockOffsetSeconds = change.OffsetSeconds.Value });
        return Clock(clock, board);
    }

    /// <summary>Changes the switches that are named and leaves the others (JSON merge patch). 422 for a name or value that does not exist.</summary>
    private static IResult Switch(JsonObject patch, SwitchBoard board)
    {
        try
        {
            return Results.Ok(board.Change(current =>
            {
                var merged = JsonSerializer.SerializeToNode(current, Strict)!.AsObject();
                Merge(merged, patch);
                return merged.Deserialize<Switches>(Strict)!;
            }));
        }
        catch (JsonException e)
        {
            return Problem.Invalid(e.Path ?? "$", "There is no such switch, or it has no such position. GET /control/switches shows them.");
        }
    }

    /// <summary>Forgets every account, grant, code, call, outage and webhook, and sets the switches and the clock back.</summary>
    private static IResult Reset(Ledger ledger, Codes codes, DeliveryLog log, SwitchBoard board, Outages outages, CallLog calls, Meter meter, TikTokBusiness.MarketplaceBook marketplace)
    {
        ledger.Clear();
        codes.Clear();
        log.Clear();
        outages.Clear();
        calls.Clear();
        meter.Clear();
        marketplace.Clear();
        board.Change(_ => new());
        return Results.NoContent();
    }

    private static void Merge(JsonObject into, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is JsonObject inner && into[name] is JsonObject known)
            {
                Merge(known, inner);
            }
            else
            {
                into[name] = value?.DeepClone();
            }
        }
    }

    private sealed record ClockChange(long? OffsetSeconds);
}
