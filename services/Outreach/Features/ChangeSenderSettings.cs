using System.Globalization;
using System.Security.Claims;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using MimeKit;
using Outreach.Channels.Email;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody changes as whom and how fast the organization writes. The whole is sent: what is left out goes back to its default.</summary>
public static class ChangeSenderSettings
{
    public const int MaxPerMinute = 60_000;
    public const int MaxDailyCap = 10_000_000;
    public const int MaxNameLength = 100;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPut("/v1/settings/sender", Handle)
            .WithName(nameof(ChangeSenderSettings)).WithTags("Settings").WithSummary("Change as whom and how fast the organization writes").RequireScope("outreach.manage").GivesETag()
            .WithDescription("The whole of it; what is left out goes back to its default.")
            .Refuses(412, "version.stale")
            .Refuses(422, "sender.domain-not-allowed", "sender.address-invalid", "sender.name-invalid", "sender.pace-invalid", "sender.quiet-hours-invalid", "sender.time-zone-unknown")
            .Refuses(428, "if-match.missing");

    /// <summary>Quiet hours as <c>HH:mm</c>, both or neither; the time zone by its IANA name.</summary>
    public sealed record Request(
        string? Name = null, string? Address = null, string? ReplyTo = null, string? CopyTo = null, int? PerMinute = null, int? DailyCap = null,
        string? QuietFrom = null, string? QuietUntil = null, string? TimeZone = null);

    private static async Task<Results<Ok<GetSenderSettings.Response>, ProblemHttpResult>> Handle(
        Request request, [FromHeader(Name = "If-Match")] string? ifMatch, ClaimsPrincipal user, StreamSession session, Senders senders, SmtpOptions smtp,
        HttpContext http, CancellationToken ct)
    {
        if (EntityTag.Read(ifMatch, required: true, out var seen) is { } problem)
        {
            return problem;
        }

        var (current, revision) = await senders.Read(session.Organization, ct);
        request = Tidy(request);
        var wanted = Row(request);
        var changedBy = user.FindFirstValue("sub") ?? "unknown";
        Decision decision = Decision.Nothing;
        var outcome = await session.DecideAndSave<SenderSettings>(
            SenderSettings.IdOf(session.Organization),
            state => decision = Decide(state, session.Organization, current, wanted, request, smtp.AllowedDomains, changedBy),
            ct,
            // The row that was read is of this revision: any other makes what was read, or what the caller saw, old.
            expectedVersion: seen is null || seen == revision ? revision : -1,
            alongside: operations =>
            {
                if (decision is Decision.Recorded)
                {
                    Senders.Write(operations, wanted, revision + 1);
                }
            });
        return outcome.ToHttp(saved => TypedResults.Ok(GetSenderSettings.Show(http, wanted, saved.Version, smtp)));
    }

    public static Decision Decide(
        SenderSettings? state, string organization, SenderRow current, SenderRow wanted, Request request, IReadOnlyList<string> domains, string changedBy)
    {
        if (Objection(request, domains) is { } objection)
        {
            return objection;
        }

        var changed = Changed(current, wanted);
        return changed.Count == 0 ? Decision.Nothing : Decision.Of(
            new SenderSettingsChanged(SenderSettings.IdOf(organization), changed, (state?.Revision ?? 0) + 1, changedBy));
    }

    private static Decision? Objection(Request request, IReadOnlyList<string> domains) => request switch
    {
        { Name.Length: > MaxNameLength } => Decision.Invalid("name", "sender.name-invalid", $"A name has at most {MaxNameLength} characters."),
        { Name: { } name } when name.Any(char.IsControl) => Decision.Invalid("name", "sender.name-invalid", "A name is one line of text."),
        { Address: { } address } when Parse(address) is null => Invalid("address"),
        { Address: { } address } when !domains.Contains(Parse(address)!.Domain, StringComparer.OrdinalIgnoreCase) => Decision.Invalid(
            "address", "sender.domain-not-allowed",
            $"Mail can be sent from addresses in {string.Join(", ", domains)}. Ask the people who run this installation to add a domain."),
        { ReplyTo: { } address } when Parse(address) is null => Invalid("replyTo"),
        { CopyTo: { } address } when Parse(address) is null => Invalid("copyTo"),
        { PerMinute: < 1 or > MaxPerMinute } => Decision.Invalid("perMinute", "sender.pace-invalid", $"Send 1 to {MaxPerMinute} messages a minute, or leave it out."),
        { DailyCap: < 1 or > MaxDailyCap } => Decision.Invalid("dailyCap", "sender.pace-invalid", $"Send 1 to {MaxDailyCap} messages a day, or leave it out."),
        { QuietFrom: { } time } when Time(time) is null => NoTime("quietFrom"),
        { QuietUntil: { } time } when Time(time) is null => NoTime("quietUntil"),
        { QuietFrom: null, QuietUntil: not null } => Decision.Invalid("quietFrom", "sender.quiet-hours-invalid", "Say when quiet hours begin, or leave out when they end."),
        { QuietFrom: not null, QuietUntil: null } => Decision.Invalid("quietUntil", "sender.quiet-hours-invalid", "Say when quiet hours end, or leave out when they begin."),
        { QuietFrom: not null } when request.QuietFrom == request.QuietUntil => Decision.Invalid(
            "quietUntil", "sender.quiet-hours-invalid", "Quiet hours end at another time than they begin."),
        { TimeZone: { } zone } when !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) || !found.HasIanaId => Decision.Invalid(
            "timeZone", "sender.time-zone-unknown", "Name a time zone as the IANA does, Europe/Paris for one."),
        _ => null,
    };

    private static List<string> Changed(SenderRow old, SenderRow now) =>
    [
        .. new (string Member, bool IsChanged)[]
        {
            ("name", old.Name != now.Name), ("address", old.Address != now.Address), ("replyTo", old.ReplyTo != now.ReplyTo), ("copyTo", old.CopyTo != now.CopyTo),
            ("perMinute", old.PerMinute != now.PerMinute), ("dailyCap", old.DailyCap != now.DailyCap), ("quietFrom", old.QuietFrom != now.QuietFrom),
            ("quietUntil", old.QuietUntil != now.QuietUntil), ("timeZone", old.TimeZone != now.TimeZone),
        }.Where(member => member.IsChanged).Select(member => member.Member),
    ];

    private static SenderRow Row(Request request) => new(
        request.Name, request.Address, request.ReplyTo, request.CopyTo, request.PerMinute, request.DailyCap,
        Time(request.QuietFrom), Time(request.QuietUntil), request.TimeZone ?? SenderRow.Default.TimeZone);

    private static Request Tidy(Request request) => new(
        Filled(request.Name), Filled(request.Address), Filled(request.ReplyTo), Filled(request.CopyTo), request.PerMinute, request.DailyCap,
        Filled(request.QuietFrom), Filled(request.QuietUntil), Filled(request.TimeZone));

    private static string? Filled(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    // An address alone, without a name before it.
    private static MailboxAddress? Parse(string text) =>
        MailboxAddress.TryParse(text, out var address) && address.Address == text && address.Domain.Length > 0 ? address : null;

    private static TimeOnly? Time(string? text) => TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;

    private static Decision Invalid(string field) => Decision.Invalid(field, "sender.address-invalid", "This is not an e-mail address.");

    private static Decision NoTime(string field) => Decision.Invalid(field, "sender.quiet-hours-invalid", "Write a time of day as HH:mm, 21:30 for one.");
}
