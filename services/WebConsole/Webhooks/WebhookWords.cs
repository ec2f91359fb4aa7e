using System.Globalization;
using MudBlazor;
using WebConsole.Apis;
using WebConsole.Shared;

namespace WebConsole.Webhooks;

/// <summary>Endpoints, deliveries and attempts as people read them.</summary>
public static class WebhookWords
{
    /// <summary>How an endpoint is doing: what is decided comes before what merely happens.</summary>
    public static StatusLook Look(WebhookEndpoint endpoint) => endpoint switch
    {
        { Paused: true, PausedBecause: "Gone" } => new("Gone", "Paused: the receiver is gone", "red", Icons.Material.Rounded.LinkOff),
        { Paused: true, PausedBecause: "Failing" } => new("Failing", "Paused: nothing got through", "red", Icons.Material.Rounded.ErrorOutline),
        { Paused: true } => new("Paused", "Paused", "blue", Icons.Material.Rounded.PauseCircle),
        { FailingSince: not null } => new("Troubled", "Failing", "amber", Icons.Material.Rounded.WarningAmber),
        _ => new("Sending", "Sending", "green", Icons.Material.Rounded.CheckCircle),
    };

    /// <summary>What helps, where something does.</summary>
    public static string? Advice(WebhookEndpoint endpoint) => Look(endpoint).Key switch
    {
        "Gone" => "The receiver answered 410: it wants no more. Change the address or remove the endpoint; resume it if that was a mistake.",
        "Failing" => "Nothing got through for days. What came since waits; once the receiver is well, resume, and it is sent at once.",
        "Paused" => "Nothing is sent. What comes waits, as long as messages are kept, and is sent when you resume.",
        "Troubled" => "What does not get through is tried again, up to eleven times in 28 hours. The log below says what the receiver answers.",
        _ => null,
    };

    public static StatusLook Look(WebhookDelivery delivery) => delivery.State switch
    {
        "Delivered" => new("Delivered", "Delivered", "green", Icons.Material.Rounded.CheckCircle),
        "Exhausted" => new("Exhausted", "Given up", "red", Icons.Material.Rounded.ErrorOutline),
        "Waiting" when delivery.Attempts > 0 => new("Waiting", "Trying again", "amber", Icons.Material.Rounded.Schedule),
        "Waiting" => new("Waiting", "Waiting", "blue", Icons.Material.Rounded.Schedule),
        var other => new(other, Words.Spaced(other), "grey", Icons.Material.Rounded.HelpOutline),
    };

    /// <summary>How an attempt ended, and what to look at.</summary>
    public static string Outcome(string outcome, int? status) => outcome switch
    {
        "Delivered" => $"Taken{Answer(status)}",
        "Redirected" => $"Redirected{Answer(status)}: redirects are not followed, so enter the address it leads to",
        "Gone" => $"Gone{Answer(status)}: the receiver wants no more",
        "Throttled" => $"Asked to wait{Answer(status)}",
        "Rejected" => $"Refused{Answer(status)}: see what the receiver says about it, for instance about the signature",
        "ServerError" => $"Failed at the receiver{Answer(status)}",
        "TimedOut" => "No answer in time: answer first, and work afterwards",
        "NameUnknown" => "The host's name is not known",
        "ConnectionFailed" => "No connection: nothing listens there, or it broke off",
        "TlsFailed" => "The certificate was not acceptable",
        "AddressRefused" => "The name leads to a network that is not public",
        "SigningFailed" => "Could not be signed: rotate the secret, or tell your operators",
        _ => $"{Words.Spaced(outcome)}{Answer(status)}",
    };

    public static string Took(WebhookAttempt attempt) =>
        attempt.Milliseconds < 1000 ? $"{attempt.Milliseconds} ms" : string.Create(CultureInfo.InvariantCulture, $"{attempt.Milliseconds / 1000.0:0.#} s");

    public static string Types(IReadOnlyList<string> types) => types.Count switch
    {
        0 => "Every event, those of the future too",
        1 or 2 or 3 => string.Join(", ", types.Select(Words.Spaced)),
        var many => $"{many} kinds of events",
    };

    /// <summary>The part of an address that tells endpoints apart at a glance.</summary>
    public static string Host(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.Authority : url;

    private static string Answer(int? status) => status is null ? "" : $" ({status})";
}
