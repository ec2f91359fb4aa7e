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

/// <summary>What just happened, in the creator's words.</summary>
public sealed record HubNote(string Tone, string Text)
{
    /// <summary>The note for a word of our own in the address; unknown words say nothing.</summary>
    public static HubNote? Of(string? outcome, PlatformOptions? platform) => platform is null ? null : outcome switch
    {
        "connected" => new("good", $"{platform.Name} is connected. Thank you!"),
        "disconnected" => new("good", $"{platform.Name} is disconnected. To remove the app there as well: {platform.WhereToRemove}."),
        DeclineReason.Denied => new("warn", $"You chose not to connect {platform.Name}. Nothing was shared, and you can change your mind here."),
        DeclineReason.ScopeMissing => new("warn", $"{platform.Name} was not connected: some boxes on its page were unticked that are needed. Please try again and leave these on: {Needed(platform)}."),
        DeclineReason.PersonalAccount => new("warn", $"This is a personal account, and {platform.Name} shares insights of professional accounts only. Switch it to a creator or business account in the {platform.Name} app, which is free, then connect again."),
        DeclineReason.OtherAccount => new("bad", $"You came back with another {platform.Name} account than the one connected before. Sign in there with the earlier account, or ask for a new invitation."),
        DeclineReason.AccountTaken => new("bad", $"This {platform.Name} account is already connected by somebody else. Sign in there with your own account."),
        DeclineReason.PlatformRefused => new("bad", $"{platform.Name} did not complete the connection. Nothing was shared; please try again."),
        _ => null,
    };

    private static string Needed(PlatformOptions platform) => string.Join("; ", platform.RequiredScopes.Select(scope => platform.ScopeMeanings.GetValueOrDefault(scope, scope)));
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
