using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace WebConsole.Tests.Outside;

public sealed partial class Services
{
    private readonly ConcurrentDictionary<string, TemplateOf> templates = new(BuiltIn.ToDictionary(one => one.Key));

    /// <summary>Where test messages went.</summary>
    public ConcurrentQueue<string> TestSends { get; } = new();

    private static IEnumerable<TemplateOf> BuiltIn =>
    [
        new("creator-hub-invitation", "Creator Hub invitation", "YetToOptIn", "Connect your accounts for {{ campaign.name }}",
            "Hi {{ creator.firstName }},\n\n{{ organization.name }} would like to count your posts for {{ campaign.name }}.\n\nConnect your accounts here:\n{{ invitation.url }}\n\nThank you!", null, 1),
        new("ttcm-invite-link", "TTCM invite link", "MarketplaceInvitee", "Join us on TikTok Creator Marketplace", "Hi {{ creator.firstName }},\n\nplease join us: {{ marketplace.inviteUrl }}", null, 1),
        new("reconnect-request", "Reconnect request", "HasLostAccess", "Please reconnect your account", "Hi {{ creator.firstName }},\n\nplease reconnect: {{ invitation.url }}", null, 1),
    ];

    /// <summary>Somebody else saves this template, as a colleague would.</summary>
    public void EditElsewhere(string key) => templates[key] = templates[key] with { Subject = "A colleague's words", Version = templates[key].Version + 1 };

    private TemplateOf Words(string key) => templates[key];

    private void MapTemplates(WebApplication app)
    {
        app.MapGet("/v1/templates", (bool? includeArchived) => new { items = templates.Values.Where(one => includeArchived is true || !one.IsArchived).OrderBy(one => one.Name).Select(Detail) });
        app.MapGet("/v1/templates/merge-fields", () => new
        {
            items = new[]
            {
                new { name = "creator.firstName", description = "The first word of the creator's name", example = "Ana", audiences = Everybody, requiredFor = Array.Empty<string>() },
                new { name = "campaign.name", description = "The campaign the message is about", example = "Summer Glow", audiences = Everybody, requiredFor = Array.Empty<string>() },
                new { name = "invitation.url", description = "The creator's own link into the Creator Hub", example = "https://hub.example/i/preview", audiences = HubVisitors, requiredFor = HubVisitors },
            },
            filters = new[] { "default", "upcase" },
            tags = new[] { "if", "unless", "case" },
        });
        app.MapGet("/v1/templates/{key}", (string key, HttpContext http) => templates.TryGetValue(key, out var found) ? Tagged(http, found) : UnknownTemplate());
        app.MapGet("/v1/templates/{key}/versions", (string key) => new
        {
            items = Enumerable.Range(1, templates[key].Version).Reverse().Select(version => new
            {
                version,
                versionId = Guid.Empty,
                name = templates[key].Name,
                audience = templates[key].Audience,
                isBuiltIn = version == 1,
                savedAt = version == 1 ? (DateTimeOffset?)null : Now.AddDays(version - 9),
                savedBy = version == 1 ? null : "maya",
            }),
        });
        app.MapPost("/v1/templates", (TemplateOf asked, HttpContext http) =>
        {
            var key = asked.Name.ToLowerInvariant().Replace(' ', '-');
            return FlawsOf(asked) is { Length: > 0 } flaws ? Flawed(flaws)
                : !templates.TryAdd(key, asked with { Key = key, Version = 1 }) ? Problem(409, "template.key-taken", $"There is a template with the key {key} already.")
                : Tagged(http, templates[key], 201);
        });
        app.MapPut("/v1/templates/{key}", (string key, TemplateOf asked, HttpContext http) =>
        {
            var current = templates[key];
            if (http.Request.Headers.IfMatch != Tag(current))
            {
                return Problem(412, "version.stale", "Somebody else changed this since you read it. Read it again and repeat your change.");
            }

            if (FlawsOf(asked) is { Length: > 0 } flaws)
            {
                return Flawed(flaws);
            }

            templates[key] = current with { Name = asked.Name, Subject = asked.Subject, Text = asked.Text, Html = asked.Html, Version = current.Version + 1 };
            return Tagged(http, templates[key]);
        });
        app.MapPost("/v1/templates/{key}/archive", (string key, HttpContext http) => Tagged(http, templates[key] = templates[key] with { IsArchived = true, Version = templates[key].Version }));
        app.MapPost("/v1/templates/{key}/restore", (string key, HttpContext http) => Tagged(http, templates[key] = BuiltIn.FirstOrDefault(one => one.Key == key) ?? templates[key] with { IsArchived = false }));
        app.MapPost("/v1/templates/check", (TemplateOf asked) => new { isValid = FlawsOf(asked).Length == 0, flaws = FlawsOf(asked), fields = Array.Empty<string>(), removed = Removed(asked) });
        app.MapPost("/v1/templates/render", (TemplateOf asked) => FlawsOf(asked) is { Length: > 0 } flaws ? Flawed(flaws) : Results.Json(new
        {
            subject = Fill(asked.Subject, Creator(0)),
            text = Fill(asked.Text, Creator(0)),
            html = $"<!doctype html><html><body><div style=\"font-family:sans-serif\">{asked.Html ?? $"<p>{Fill(asked.Text, Creator(0)).Replace("\n", "<br>", StringComparison.Ordinal)}</p>"}</div></body></html>",
            missing = Array.Empty<string>(),
            removed = Removed(asked),
        }));
        app.MapPost("/v1/templates/{key}/test-send", (string key, TestSend asked) =>
        {
            TestSends.Enqueue(asked.Address);
            return asked.Address.Contains('@', StringComparison.Ordinal) ? Results.NoContent() : Problem(422, "address.invalid", "This is not an e-mail address. Write one like name@example.com.");
        });
    }

    private static readonly string[] Everybody = ["YetToOptIn", "HasLostAccess", "MarketplaceInvitee"];
    private static readonly string[] HubVisitors = ["YetToOptIn", "HasLostAccess"];

    private static string[] Removed(TemplateOf asked) => asked.Html?.Contains("<script", StringComparison.Ordinal) is true ? ["<script>"] : [];

    // One rule of the real ones, with its place: enough to see where a flaw is shown.
    private static FlawOf[] FlawsOf(TemplateOf asked)
    {
        var at = asked.Text?.IndexOf("{{ creator.nickname", StringComparison.Ordinal) ?? -1;
        if (at < 0)
        {
            return [];
        }

        var before = asked.Text![..at];
        return [new("text", "template.field-unknown", "There is no merge field creator.nickname. There are creator.name and creator.firstName.", before.Count(one => one == '\n') + 1, at - before.LastIndexOf('\n'))];
    }

    private static IResult Flawed(FlawOf[] flaws) => Results.Json(
        new { title = "Invalid", status = 422, detail = $"Line {flaws[0].Line}, column {flaws[0].Column} of the text: {flaws[0].Message}", code = flaws[0].Code, flaws }, statusCode: 422, contentType: "application/problem+json");

    private static string Tag(TemplateOf template) => $"\"{template.Version}\"";

    private static IResult Tagged(HttpContext http, TemplateOf template, int status = 200)
    {
        http.Response.Headers.ETag = Tag(template);
        return Results.Json(Detail(template), statusCode: status);
    }

    private static object Detail(TemplateOf template) => new
    {
        key = template.Key,
        name = template.Name,
        audience = template.Audience,
        version = template.Version,
        versionId = Guid.Empty,
        isBuiltIn = BuiltIn.Any(one => one.Key == template.Key),
        isCustomised = template.Version > 1,
        isArchived = template.IsArchived,
        updatedAt = template.Version > 1 ? Now : (DateTimeOffset?)null,
        subject = template.Subject,
        text = template.Text,
        html = template.Html,
        fields = Array.Empty<string>(),
        removed = Removed(template),
    };

    private static IResult UnknownTemplate() => Problem(404, "template.unknown", "There is no template with this key.");

    private sealed record TemplateOf(string Key, string Name, string Audience, string Subject, string Text, string? Html, int Version, bool IsArchived = false);

    private sealed record TestSend(string Address);

    private sealed record FlawOf(string Member, string Code, string Message, int? Line, int? Column);
}
