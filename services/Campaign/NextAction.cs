namespace Campaigns;

/// <summary>What a person can do about a column that is not green, or will not stay so, in a sentence.</summary>
public static class NextAction
{
    public static string? For(ConnectionType type, string status, string? reason, DateTimeOffset? expiringAt, string name)
    {
        var platform = type.PlatformName;
        return (type.IsAuthorization, status, reason) switch
        {
            (true, ConnectionStatus.Connected, _) when expiringAt is { } end => $"Ask {name} to reconnect {platform} before {end:yyyy-MM-dd}",
            (_, ConnectionStatus.Connected, _) => null,
            (true, ConnectionStatus.NotConnected, _) => $"Invite {name} to connect {platform}",
            (true, ConnectionStatus.Invalidated, "PermissionRemoved") => $"Ask {name} to reconnect {platform} and leave every permission ticked",
            (true, ConnectionStatus.Invalidated, "AccountSuspended") => $"Wait: {platform} has suspended the account of {name}",
            (true, ConnectionStatus.Invalidated, "AccountDeleted") => $"Ask {name} which {platform} account to connect instead",
            (true, ConnectionStatus.Invalidated, "DataDeletionRequested") => $"Ask {name} for consent anew before anything else",
            (true, _, _) => $"Ask {name} to reconnect {platform}",
            (false, _, "Invited") => $"Remind {name} to accept the invitation to the TikTok marketplace",
            (false, _, "NotEligible") => $"Nothing yet: {name} does not meet the marketplace's conditions",
            (false, ConnectionStatus.Invalidated, _) => $"Talk to {name}: the invitation was declined",
            (false, ConnectionStatus.Expired, _) => $"Invite {name} to the TikTok marketplace again",
            _ => $"Invite {name} to the TikTok marketplace",
        };
    }
}
