namespace Connections.Hub;

/// <summary>What is kept of one platform's account, as the Hub tells its creator.</summary>
public sealed record KeptOfPlatform(string Platform, string Status, string? Account, int Metrics, DateOnly? Since, long Content)
{
    public bool IsConnected => Status == nameof(Standing.Connected);

    public bool HasData => IsConnected || Account is not null || Metrics > 0 || Content > 0;
}
