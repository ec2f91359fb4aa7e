using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Outreach.Channels.Email;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody looks as whom and how fast the organization writes.</summary>
public static class GetSenderSettings
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/settings/sender", Handle)
            .WithName(nameof(GetSenderSettings)).WithTags("Settings").WithSummary("As whom and how fast the organization writes").RequireScope("outreach.read").GivesETag()
            .WithDescription("With an ETag for the next change; null is the default.");

    /// <summary>Null is the default: the organization's name, <paramref name="DefaultAddress"/>, no limit. <paramref name="Domains"/> are those an address may be in.</summary>
    public sealed record Response(
        string? Name, string? Address, string? ReplyTo, string? CopyTo, int? PerMinute, int? DailyCap, string? QuietFrom, string? QuietUntil, string TimeZone,
        string DefaultAddress, IReadOnlyList<string> Domains, long Revision);

    private static async Task<Ok<Response>> Handle(StreamSession session, Senders senders, SmtpOptions smtp, HttpContext http, CancellationToken ct)
    {
        var (row, revision) = await senders.Read(session.Organization, ct);
        return TypedResults.Ok(Show(http, row, revision, smtp));
    }

    internal static Response Show(HttpContext http, SenderRow row, long revision, SmtpOptions smtp)
    {
        EntityTag.Write(http.Response, revision);
        return new(
            row.Name, row.Address, row.ReplyTo, row.CopyTo, row.PerMinute, row.DailyCap, Time(row.QuietFrom), Time(row.QuietUntil), row.TimeZone,
            smtp.From, smtp.AllowedDomains, revision);
    }

    private static string? Time(TimeOnly? time) => time?.ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture);
}
