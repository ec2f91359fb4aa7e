namespace WebConsole.Shared;

/// <summary>What an operator does about a state: the page names no trouble without saying what helps.</summary>
public static class Advice
{
    public static string Platform(string state) => state switch
    {
        "Incident" => "So much fails there that nothing is believed and no connection is changed. It ends by itself; if you know that the platform is well again, resume.",
        "Paused" => "No refreshes and no probes until somebody resumes. Connections that reach a known end meanwhile expire.",
        "Quiet" => "The platform asked our app to wait. Nothing needs doing.",
        "Misconfigured" => "The platform refuses our app, not the creators. Check the credentials and the settings of this platform.",
        _ => "All is well.",
    };

    public static string Check(string check, string status) => (check, status) switch
    {
        (_, "Healthy") => "All is well.",
        ("event-store", _) => "Events are stored, but what is made of them, or told to others, stands still or lags. Look at this service's log, and at the database and the broker.",
        ("dead-letters", _) => "Messages were laid aside because they failed again and again. See below, mend the cause, and requeue them.",
        ("intake", _) => "Events do not come in, or some could not be read. See below; what comes meanwhile waits in the broker.",
        ("deliveries", _) => "Webhooks go out late. Look at the log of the endpoints and at this service's; more replicas help.",
        ("platforms", _) => "A platform has an incident, is paused or refuses our app: see the platforms above.",
        ("token-vault", _) => "Tokens are sealed under a key that is not there. Bring back the key named in the log before anything else.",
        ("marketplace", _) => "TikTok refuses the marketplace account. Check its token and application.",
        _ => "Look at this service's log and traces.",
    };

    /// <summary>How long something lasts, as people say it.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => "less than a second",
        { TotalMinutes: < 1 } => $"{span.TotalSeconds:0} s",
        { TotalHours: < 1 } => $"{span.TotalMinutes:0} min",
        { TotalDays: < 1 } => $"{span.TotalHours:0} h",
        _ => $"{span.TotalDays:0} days",
    };

    public static string Service(string status) => status switch
    {
        "Healthy" => "Answers, and can do its work.",
        "Degraded" => "Answers and works, but something needs attention.",
        "Unhealthy" => "Answers, but cannot do its work now.",
        _ => "Does not answer. What it is told meanwhile waits in the broker; nothing is lost. See whether its process runs.",
    };

    public static (string Colour, string Icon) Look(string status) => status switch
    {
        "Healthy" or "Running" => ("green", MudBlazor.Icons.Material.Rounded.CheckCircle),
        "Degraded" => ("amber", MudBlazor.Icons.Material.Rounded.WarningAmber),
        "Quiet" or "Paused" => ("blue", MudBlazor.Icons.Material.Rounded.PauseCircle),
        _ => ("red", MudBlazor.Icons.Material.Rounded.ErrorOutline),
    };
}
