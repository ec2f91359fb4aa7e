namespace Campaigns;

/// <summary>
/// Everything about a creator in a campaign that a filter can ask for, packed into twelve bits: the status of each authorization, the standing in the
/// marketplace, how far the newest message has come. Few creators of a large campaign differ in it, so counting creators per standing
/// (<see cref="CampaignTables.Counts"/>) answers every count and every facet without looking at a creator.
/// </summary>
/// <param name="Code">The bits: two for each authorization in the order of the columns, three for the marketplace, three for outreach.</param>
public readonly record struct Standing(short Code)
{
    /// <summary>The bits that speak of connections and not of messages; the trend counts those.</summary>
    public const short ConnectionBits = AuthorizationBits | MarketplaceBits;

    /// <summary>The bits of the authorizations.</summary>
    public const short AuthorizationBits = 0b11_1111;

    /// <summary>The bits of the marketplace.</summary>
    public const short MarketplaceBits = 0b111 << MarketplaceShift;

    /// <summary>The bits of the newest message.</summary>
    public const short OutreachBits = 0b111 << OutreachShift;

    /// <summary>All of them.</summary>
    public const short AllBits = ConnectionBits | OutreachBits;

    internal const int MarketplaceShift = 6;
    internal const int OutreachShift = 9;

    /// <summary>Place 0 is what a creator begins with. Places are stored: add at the end.</summary>
    private static readonly string[] Statuses = [ConnectionStatus.NotConnected, ConnectionStatus.Connected, ConnectionStatus.Expired, ConnectionStatus.Invalidated];

    private static readonly string[] Memberships = ["NotInvited", "Joined", "InviteExpired", "Declined", "Invited", "NotEligible"];

    private static readonly string[] OutreachStates =
        [OutreachState.NotAsked, OutreachState.Sent, OutreachState.Clicked, OutreachState.Connected, OutreachState.Bounced, OutreachState.Failed];

    // Asked thousands of times for one answer: per column and code the status, worked out once.
    private static readonly Dictionary<string, string[]> StatusPerCode = ConnectionType.All.ToDictionary(type => type.Name, type =>
        Enumerable.Range(0, 1 << MarketplaceShift << 3).Select(code => new Standing((short)code).Work(type.Name)).ToArray());

    /// <summary>How the newest message fares.</summary>
    public string Outreach => OutreachStates[(Code >> OutreachShift) & 0b111];

    /// <summary>The connections alone.</summary>
    public Standing WithoutOutreach => Only(ConnectionBits);

    /// <summary>The bits a column is read from.</summary>
    public static short BitsOf(string type) => Shift(type) is { } shift ? (short)(0b11 << shift) : MarketplaceBits;

    /// <summary>With nothing but these bits: all that look alike there are one.</summary>
    public Standing Only(short bits) => new((short)(Code & bits));

    /// <summary>Every standing there can be.</summary>
    public static IEnumerable<Standing> Possible() =>
        from outreach in Enumerable.Range(0, OutreachStates.Length)
        from marketplace in Enumerable.Range(0, Memberships.Length)
        from authorizations in Enumerable.Range(0, 1 << MarketplaceShift)
        select new Standing((short)((outreach << OutreachShift) | (marketplace << MarketplaceShift) | authorizations));

    /// <summary>The status a column shows.</summary>
    public string StatusOf(string type) => StatusPerCode[type][Code & ConnectionBits];

    /// <summary>Is every one of these columns green?</summary>
    public bool IsConnected(IEnumerable<string> types)
    {
        foreach (var type in types)
        {
            if (StatusOf(type) != ConnectionStatus.Connected)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>With another status in the column of an authorization.</summary>
    public Standing With(string type, string status) => Shift(type) is { } shift
        ? Replace(shift, 0b11, Array.IndexOf(Statuses, status))
        : throw new ArgumentOutOfRangeException(nameof(type), type, "No authorization fills this column.");

    /// <summary>With another standing in the marketplace; one that a later version knows counts as not invited.</summary>
    public Standing WithMarketplace(string membership) => Replace(MarketplaceShift, 0b111, Math.Max(0, Array.IndexOf(Memberships, membership)));

    /// <summary>With another state of the newest message.</summary>
    public Standing WithOutreach(string state) => Replace(OutreachShift, 0b111, Math.Max(0, Array.IndexOf(OutreachStates, state)));

    /// <summary>In words.</summary>
    public override string ToString()
    {
        var standing = this;
        return string.Join(' ', [.. ConnectionType.All.Select(type => standing.StatusOf(type.Name)), Outreach]);
    }

    private string Work(string type) => Shift(type) is { } shift
        ? Statuses[(Code >> shift) & 0b11]
        : CreatorMarketplace.ConnectionStatusOf(Memberships.ElementAtOrDefault((Code >> MarketplaceShift) & 0b111) ?? Memberships[0]);

    private static int? Shift(string type)
    {
        for (var column = 0; column < ConnectionType.All.Count; column++)
        {
            if (ConnectionType.All[column] is { IsAuthorization: true } authorization && authorization.Name == type)
            {
                return 2 * column;
            }
        }

        return null;
    }

    private Standing Replace(int shift, int mask, int value) => new((short)((Code & ~(mask << shift)) | (value << shift)));
}
