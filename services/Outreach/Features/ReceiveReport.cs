using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using Outreach.Channels.Email;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>A mail server gave a message back, or a recipient called it spam: record it, and stop writing to addresses that are dead or annoyed.</summary>
public static class ReceiveReport
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/bounces", Handle)
            .Accepts<Stream>("message/rfc822")
            .WithName(nameof(ReceiveReport)).WithTags("Reports").WithSummary("Take a bounce (RFC 3464) or a complaint (RFC 5965) as it came by mail")
            .RequireScope("outreach.bounces").FindsOrganizationItself()
            .WithDescription("For the mail system: the report as it came, message/rfc822, 1 MiB at most. Repeating it changes nothing.")
            .Refuses(404, "bounce.unknown-delivery").Refuses(422, "bounce.unreadable");

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        HttpRequest http, OrganizationScope caller, WorkList work, StreamSessions sessions, Senders senders, TimeProvider clock, CancellationToken ct)
    {
        if (await MailReport.Read(http.Body, ct) is not { } report)
        {
            return Problems.Of(422, "bounce.unreadable", "This is neither a delivery status notification (RFC 3464) nor a complaint (RFC 5965). Send the whole message.");
        }

        if (report.DeliveryId is not { } id || await work.Find(id, ct) is not { } found || (caller.IsBound && caller.Organization != found.Organization))
        {
            return Problems.Of(404, "bounce.unknown-delivery", "The report names no message that was sent from here.");
        }

        await using var session = sessions.For(found.Organization);
        var copyTo = (await senders.Of(found.Organization, ct)).CopyTo;
        var concerned = report.Recipients.FirstOrDefault(one => one.Action is "failed" or "complained" && !IsCopy(one, copyTo));
        return concerned switch
        {
            // Late, passed on, arrived: nothing to act upon. What becomes of a copy says nothing of the creator.
            null => TypedResults.NoContent(),
            _ when report.IsComplaint => await Suppress(session, found.Recipient, SuppressionReason.Complaint, clock.GetUtcNow(), ct),
            _ => await Bounce(session, found.Recipient, found.WasTaken, concerned.Code, clock.GetUtcNow(), ct),
        };
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Bounce(
        StreamSession session, Recipient recipient, bool wasTaken, string code, DateTimeOffset now, CancellationToken ct)
    {
        Decision decision = Decision.Nothing;
        var outcome = await session.DecideAndSave<Delivery>(
            Delivery.IdOf(recipient), delivery => decision = Decide(delivery, recipient, wasTaken, code), ct,
            alongside: operations =>
            {
                if (Settlement.Of(decision) is { } settlement)
                {
                    WorkList.Settle(operations, recipient.OutreachId, [(recipient.CreatorId, settlement.Verdict, settlement.Reason)], now);
                }
            });
        Settlement.Count([decision]);
        // Also when the bounce is recorded already: the process may have ended between the two.
        return outcome.Decision is not Decision.Refused && SmtpReply.IsDeadAddress(code)
            ? await Suppress(session, recipient, SuppressionReason.HardBounce, now, ct)
            : outcome.ToHttp(_ => TypedResults.NoContent());
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Suppress(
        StreamSession session, Recipient recipient, SuppressionReason reason, DateTimeOffset now, CancellationToken ct) =>
        (await Suppressions.Record(
            session, recipient.CreatorId,
            suppression => Suppression.Add(suppression, session.Organization, recipient.CreatorId, null, reason, Suppression.ByMailServer, recipient.DeliveryId), now, ct))
        .ToHttp(_ => TypedResults.NoContent());

    /// <summary>A bounce may overtake the answer of the server that took the message, and settles it all the same.</summary>
    public static Decision Decide(Delivery? delivery, Recipient recipient, bool wasTaken, string code) => delivery switch
    {
        null when !wasTaken => Decision.Unknown("bounce.unknown-delivery", "The report names no message that was sent from here."),
        { } d when d.Bounced.Contains(recipient.DeliveryId) => Decision.Nothing,
        { Progress: Progress.Skipped or Progress.Failed } d when d.IsHeldBy(recipient.OutreachId) => Decision.Nothing,
        _ => Decision.Of(new MessageBounced(recipient, code, code.StartsWith('5'))),
    };

    private static bool IsCopy(ReportedRecipient recipient, string? copyTo) =>
        copyTo is not null && string.Equals(recipient.Address, copyTo, StringComparison.OrdinalIgnoreCase);
}
