using System.Globalization;

namespace AppHost;

/// <summary>A command of an operator on the dashboard: a POST to a route of a service, with a token of the client <see cref="OperatorCommands.ClientId"/>.</summary>
/// <param name="Name">Its key on the resource.</param>
/// <param name="Path">The route.</param>
/// <param name="DisplayName">As the dashboard shows it.</param>
/// <param name="Description">What it does.</param>
/// <param name="Icon">A Fluent UI icon.</param>
/// <param name="Body">JSON to send, in which <see cref="Yesterday"/> stands for the moment a day ago; null for none.</param>
/// <param name="Confirmation">What to ask first; null for what cannot do harm.</param>
public sealed record OperatorCommand(string Name, string Path, string DisplayName, string Description, string Icon, string? Body = null, string? Confirmation = null)
{
    public const string Yesterday = "{yesterday}";

    /// <summary>What to send at this moment.</summary>
    public string? BodyAt(DateTimeOffset now) => Body?.Replace(Yesterday, now.ToUniversalTime().AddDays(-1).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture), StringComparison.Ordinal);
}

/// <summary>Which commands each service has on the dashboard. Everything else that operators can do is in the web console and in the APIs.</summary>
public static class OperatorCommands
{
    /// <summary>As whom the dashboard calls, for the service as a whole and no organization.</summary>
    public const string ClientId = "operator";

    public const string ClientSecret = "operator-secret";

    public const string Scope = "ops organizations.any";

    private const string WebhooksQueue = "webhooks-events";

    private static readonly (string Key, string Name)[] Platforms = [("instagram", "Instagram"), ("youtube", "YouTube"), ("tiktok", "TikTok")];

    private static readonly OperatorCommand RequeueDeadLetters =
        new("requeue-dead-letters", "/v1/operations/dead-letters/requeue", "Requeue dead letters", "Moves every message that was not taken in back to its queue.", "ArrowRepeatAll", """{"all":true}""",
            "Mend what they failed for first, or they come back. Requeue all?");

    private static readonly OperatorCommand DiscardDeadLetters =
        new("discard-dead-letters", "/v1/operations/dead-letters/discard", "Discard dead letters", "Throws every message away that was not taken in.", "Delete", """{"all":true,"reason":"Discarded on the dashboard."}""",
            "They cannot be brought back; the service that published them can say them again. Discard all?");

    // Of every one that publishes and takes in by the bus. Of our subscribers, Webhooks alone has one queue for everything; those of the others are chosen in the console.
    private static readonly OperatorCommand[] OfEveryService =
    [
        RequeueDeadLetters,
        DiscardDeadLetters,
        new("replay-webhooks", "/v1/operations/replays", "Replay a day to Webhooks", "What this service published within the last day goes to the queue of Webhooks again, which drops what it had.", "History",
            $$"""{"queue":"{{WebhooksQueue}}","since":"{{OperatorCommand.Yesterday}}"}"""),
        new("redrive-relay", "/v1/operations/relay/redrive", "Restart relay and projections", "The replica that leads starts each anew from where it was.", "ArrowClockwise"),
    ];

    public static IReadOnlyList<OperatorCommand> Of(Resource resource) => resource.Name switch
    {
        "campaign" =>
        [
            .. OfEveryService,
            new("rebuild-views", "/v1/operations/campaign-views/rebuild", "Rebuild views", "Builds the campaign views anew from the events, while they go on being read.", "DatabaseArrowRight", null, "This reads every event there is. Rebuild?"),
        ],
        "connections" =>
        [
            .. OfEveryService,
            .. Platforms.SelectMany(platform => (OperatorCommand[])
            [
                new($"refresh-{platform.Key}", $"/v1/platforms/{platform.Key}/refresh", $"Retry {platform.Name}", "What failed there, or is held, is tried again within a minute.", "ArrowSync"),
                new($"pause-{platform.Key}", $"/v1/platforms/{platform.Key}/pause", $"Pause {platform.Name}", "No refreshes and no probes until it is resumed.", "Pause", null, $"Nothing is refreshed at {platform.Name} while it is paused. Pause it?"),
                new($"resume-{platform.Key}", $"/v1/platforms/{platform.Key}/resume", $"Resume {platform.Name}", "Ends a pause, and overrules an open incident.", "Play"),
            ]),
        ],
        "outreach" => OfEveryService,

        // It takes in by a client of its own and has neither relay nor projections.
        "webhooks" => [RequeueDeadLetters, DiscardDeadLetters],
        "demo" => [new("seed", "/v1/operations/demo/seed", "Fill again", "Fills the demo organization, or what is missing of it. What is there stays as it is.", "DatabaseArrowUp")],
        _ => [],
    };
}
