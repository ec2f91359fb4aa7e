using System.Globalization;
using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using MimeKit;
using Outreach.Channels;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody sends a template to themselves, to see it in a mail program. Nothing is recorded, and the address is kept nowhere.</summary>
public static class TestTemplate
{
    public const string Prefix = "[Test] ";

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/templates/{key}/test-send", Handle)
            .WithName(nameof(TestTemplate)).WithTags("Templates").WithSummary("Send a template to yourself, filled in with examples").RequireScope("outreach.manage")
            .WithDescription("One message with examples and a link that opens nothing; 10 a minute per organization.")
            .Refuses(404, "template.unknown").Refuses(422, ["address.invalid", "test-send.refused", .. TemplateRules.Codes]).Refuses(429, "test-send.too-many")
            .Refuses(503, "test-send.try-later", "test-send.in-doubt", "channel.unavailable");

    /// <param name="Address">Where to send it.</param>
    /// <param name="Subject">Words to use instead of the saved ones.</param>
    /// <param name="Text">Words to use instead of the saved ones.</param>
    /// <param name="Html">Words to use instead of the saved ones; made from a given text where left out.</param>
    public sealed record Request(string Address, string? Subject = null, string? Text = null, string? Html = null);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string key, Request request, StreamSession session, TemplateShelf shelf, IChannel channel, Invitation invitation, TestSendLimit limit, HttpResponse response,
        TimeProvider clock, CancellationToken ct)
    {
        if (await shelf.Current(session.Organization, key, ct) is not { } current)
        {
            return TemplateProblems.Unknown;
        }

        if (!MailboxAddress.TryParse(request.Address, out var address) || !address.Address.Contains('@', StringComparison.Ordinal))
        {
            return Problems.Of(422, "address.invalid", "This is not an e-mail address. Write one like name@example.com.", "address");
        }

        var (edited, flaws) = await shelf.Edited(current, new(request.Subject, request.Text, request.Html));
        if (edited is null)
        {
            return TemplateProblems.Of(flaws);
        }

        if (!limit.TryTake(session.Organization, out var wait))
        {
            return Later(429, "test-send.too-many", $"An organization can send {TestSendLimit.PerWindow} test messages a minute. Wait a moment.", wait);
        }

        var values = await SampleValues.Of(session, invitation, clock.GetUtcNow(), ct);
        var letter = edited.Template.Write(values);
        var parcel = new Parcel(Guid.CreateVersion7(), 1, "", address.Address, values["organization.name"]!, letter with { Subject = Prefix + letter.Subject });
        try
        {
            await using var line = await channel.Open(ct);
            return await line.Send(parcel, Task.FromResult(true)) switch
            {
                Answer.Accepted => TypedResults.NoContent(),
                Answer.Refused refused => Problems.Of(422, "test-send.refused", $"The mail server does not take this message ({refused.Reason}).", "address"),
                Answer.TryLater => Later(503, "test-send.try-later", "The mail server does not take the message right now. Try again in a moment.", TimeSpan.FromSeconds(10)),
                _ => Problems.Of(503, "test-send.in-doubt", "The line broke before the mail server answered. Look whether the message has arrived before you try again."),
            };
        }
        catch (ChannelUnavailable)
        {
            return Later(503, "channel.unavailable", "The mail server cannot be reached right now. Try again in a moment.", TimeSpan.FromSeconds(10));
        }

        ProblemHttpResult Later(int status, string code, string detail, TimeSpan wait)
        {
            response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            return Problems.Of(status, code, detail);
        }
    }
}
