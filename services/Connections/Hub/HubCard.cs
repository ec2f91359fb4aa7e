using Connections.Platforms;

namespace Connections.Hub;

/// <summary>One platform as the Hub shows it to a creator.</summary>
public sealed record HubCard(string Key, string Name, string Status, string Colour, string Icon, string Label, string? Handle, string? PictureUrl, string? Advice, IReadOnlyList<string> Reads)
{
    public bool IsConnected => Status == nameof(Standing.Connected);

    public bool WasConnected => Status is nameof(Standing.Expired) or nameof(Standing.Invalidated);

    public static HubCard Of(PlatformOptions platform, Connection? connection, ConnectedAccount? account)
    {
        var standing = connection?.Standing ?? Standing.NotConnected;
        var (icon, label, advice) = standing switch
        {
            Standing.Connected => ("✓", "Connected", null),
            Standing.Expired => ("!", "Expired", $"The access you gave has run out. Reconnect to renew it."),
            Standing.Invalidated => ("!", "Disconnected", connection!.Reason switch
            {
                InvalidReason.DisconnectedByCreator => $"You disconnected {platform.Name}. To remove the app there as well: {platform.WhereToRemove}.",
                InvalidReason.PermissionRemoved => "Part of the access was switched off. Reconnect and leave every box ticked.",
                InvalidReason.AccountSuspended => $"{platform.Name} reports that the account is suspended.",
                _ => $"{platform.Name} told us that access was removed. Reconnect if that was not meant.",
            }),
            _ => ("○", "Not connected", (string?)null),
        };
        return new(platform.Key, platform.Name, standing.ToString(), StatusColour.Of(standing), icon, label, account?.Handle, account?.PictureUrl, advice, [.. platform.ScopeMeanings.Values]);
    }
}

/// <summary>What just happened, in the creator's words, and what helps.</summary>
/// <param name="Tone">good, warn or bad.</param>
/// <param name="Title">What happened.</param>
/// <param name="Text">What that means.</param>
/// <param name="Platform">The platform whose card is worth another try; null where none is.</param>
/// <param name="Steps">What to do, in order.</param>
public sealed record HubNote(string Tone, string Title, string Text, string? Platform, IReadOnlyList<string> Steps)
{
    /// <summary>The note for a word of our own in the address; unknown words say nothing.</summary>
    public static HubNote? Of(string? outcome, PlatformOptions? platform) => platform is null ? null : outcome switch
    {
        "connected" => Done($"{platform.Name} is connected. Thank you!", "You can close this page, or connect another account."),
        "disconnected" => Done($"{platform.Name} is disconnected.", $"To remove the app there as well: {platform.WhereToRemove}."),
        DeclineReason.Denied => Again("warn", platform, $"You chose not to connect {platform.Name}.", "Nothing was shared, and you can change your mind here."),
        DeclineReason.ScopeMissing => Again("warn", platform, $"{platform.Name} was not connected: some boxes on its page were unticked that are needed.", "Nothing was shared. These are needed:", Needed(platform)),
        DeclineReason.PersonalAccount => Again("warn", platform, "This is a personal account.", $"{platform.Name} shares insights of professional accounts only. Switching is free, and you can switch back:",
            $"Open the {platform.Name} app, then Settings, then Account type and tools", "Choose a professional account: Creator or Business", "Come back here and connect again"),
        DeclineReason.OtherAccount => Again("bad", platform, $"You came back with another {platform.Name} account than the one connected before.", "The earlier one stays as it is. To use it again:",
            $"Sign out of {platform.Name} in this browser", "Connect again, and sign in with the earlier account", "If that account is gone, ask whoever invited you for help"),
        DeclineReason.AccountTaken => Again("bad", platform, $"This {platform.Name} account is already connected by somebody else.", "Nothing was shared. Sign in there with your own account."),
        DeclineReason.PlatformRefused => Again("bad", platform, $"{platform.Name} did not complete the connection.", "Nothing was shared; please try again in a moment."),
        _ => null,
    };

    private static HubNote Done(string title, string text) => new("good", title, text, null, []);

    private static HubNote Again(string tone, PlatformOptions platform, string title, string text, params string[] steps) => new(tone, title, text, platform.Key, steps);

    private static string[] Needed(PlatformOptions platform) => [.. platform.RequiredScopes.Select(scope => platform.ScopeMeanings.GetValueOrDefault(scope, scope))];
}

/// <summary>Green, red and grey: the one place that says which status has which colour.</summary>
public static class StatusColour
{
    public static string Of(Standing standing) => standing switch
    {
        Standing.Connected => "green",
        Standing.NotConnected => "grey",
        _ => "red",
    };
}
