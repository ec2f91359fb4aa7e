using EventSourcing;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Outreach.Features;

/// <summary>Somebody looks how a template reads, saved or not, for a creator or for nobody in particular. Nothing is recorded.</summary>
public static class RenderTemplate
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/templates/render", Handle).WithName(nameof(RenderTemplate)).WithTags("Templates").WithSummary("How a template reads").RequireScope("outreach.read")
            .WithDescription("For one creator, or with examples. Nothing is recorded.")
            .Refuses(404, "template.unknown", "creator.unknown", "campaign.unknown").Refuses(422, TemplateRules.Codes).Refuses(503, "contacts.unavailable");

    /// <param name="Key">A saved template; its words where the members below are left out.</param>
    /// <param name="Audience">Whom a template is meant for that is not saved yet.</param>
    /// <param name="Subject">Words to use instead of the saved ones.</param>
    /// <param name="Text">Words to use instead of the saved ones.</param>
    /// <param name="Html">Words to use instead of the saved ones; made from a given text where left out.</param>
    /// <param name="CampaignId">Whose name to fill in; an example where left out.</param>
    /// <param name="CreatorId">Whose name to fill in; an example where left out.</param>
    public sealed record Request(
        string? Key = null, Audience? Audience = null, string? Subject = null, string? Text = null, string? Html = null, Guid? CampaignId = null,
        Guid? CreatorId = null);

    /// <param name="Subject">As the creator would read it.</param>
    /// <param name="Text">As the creator would read it.</param>
    /// <param name="Html">The whole page, layout included. Show it in a sandboxed frame.</param>
    /// <param name="Missing">Merge fields without a value: this creator would be skipped.</param>
    /// <param name="Removed">What was taken out of the HTML.</param>
    public sealed record Response(string Subject, string Text, string Html, IReadOnlyList<string> Missing, IReadOnlyList<string> Removed);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Request request, StreamSession session, TemplateShelf shelf, Contacts contacts, Invitation invitation, TimeProvider clock, CancellationToken ct)
    {
        var saved = request.Key is null ? null : (await shelf.Current(session.Organization, request.Key, ct))?.Template;
        if (request.Key is not null && saved is null)
        {
            return TemplateProblems.Unknown;
        }

        var audience = request.Audience ?? saved?.Audience ?? Audience.YetToOptIn;
        var edit = new MessageEdit(request.Subject, request.Text, request.Html);
        var draft = TemplateRules.Check(edit.ApplyTo(saved?.Words ?? new("", "", null)), audience);
        if (draft.Flaws.Count > 0)
        {
            return TemplateProblems.Of(draft.Flaws);
        }

        var values = await SampleValues.Of(session, invitation, clock.GetUtcNow(), ct);
        if (request.CampaignId is { } campaignId)
        {
            if (await session.Load<KnownCampaign>(campaignId, ct) is not { } campaign)
            {
                return Problems.Of(404, "campaign.unknown", "There is no campaign with this id. One that was created a moment ago becomes known here within seconds: try again.");
            }

            values["campaign.name"] = campaign.Name;
        }

        if (request.CreatorId is { } creatorId)
        {
            try
            {
                if ((await contacts.Of(session.Organization, [creatorId], ct)).GetValueOrDefault(creatorId) is not { } contact)
                {
                    return Problems.Of(404, "creator.unknown", "There is no creator with this id.");
                }

                (values["creator.name"], values["creator.firstName"]) = (contact.Name, contact.FirstName);
            }
            catch (ContactsUnavailable)
            {
                return Problems.Of(503, "contacts.unavailable", "Names cannot be read from Campaign right now. Try again in a moment, or leave creatorId out.");
            }
        }

        var template = new Template(saved?.Key ?? "", saved?.Name ?? "", audience, draft.Text);
        var letter = template.Write(values);
        return TypedResults.Ok(new Response(letter.Subject, letter.Text, letter.Html, [.. template.MissingFields(values)], draft.Removed));
    }
}

/// <summary>What to fill in where nobody in particular is written to.</summary>
internal static class SampleValues
{
    /// <summary>The examples of the merge fields, with the organization's own name, and a link that opens nothing.</summary>
    public static async Task<Dictionary<string, string?>> Of(StreamSession session, Invitation invitation, DateTimeOffset now, CancellationToken ct)
    {
        var values = MergeField.Examples(invitation.Sample);
        values["invitation.expiresOn"] = invitation.ExpiresOn(now);
        if ((await session.Load<KnownOrganization>(KnownOrganization.IdOf(session.Organization), ct))?.Name is { } name)
        {
            values["organization.name"] = name;
        }

        return values;
    }
}
