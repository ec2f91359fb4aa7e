namespace Campaigns;

/// <summary>What is to be had of one kind of data or content of a platform, and if nothing is, why: as Connections says it.</summary>
/// <param name="Key">The data type's stable name.</param>
/// <param name="Kind"><c>data</c> or <c>content</c>.</param>
/// <param name="Name">As people say it.</param>
/// <param name="IsAvailable">It comes with the pulls.</param>
/// <param name="Reason">Why it does not: a stable code; null when it does.</param>
/// <param name="Words">The same for a person.</param>
public sealed record DataType(string Key, string Kind, string Name, bool IsAvailable, string? Reason, string? Words);

/// <summary>What one connection of a creator yields.</summary>
/// <param name="Platform">Its platform.</param>
/// <param name="AsOf">When it was last pulled to the end (UTC); null when never.</param>
/// <param name="Types">Every data and content type of the platform.</param>
public sealed record PlatformAvailability(string Platform, DateTimeOffset? AsOf, IReadOnlyList<DataType> Types);

/// <summary>Asks Connections, which owns the connections and what they are good for. A page that shows it beside other things does not fail with it.</summary>
public sealed class Availability(HttpClient http)
{
    /// <summary>So long a page waits for the neighbour, repeated attempts included.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>A row per platform; or null, with a sentence why.</summary>
    public async Task<(IReadOnlyList<PlatformAvailability>? Platforms, string? Missing)> Of(string organization, Guid creator, CancellationToken ct)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/creators/{creator}/availability");
            request.Headers.Add("X-Organization", organization);
            using var response = await http.SendAsync(request, ct);
            if (response.StatusCode is System.Net.HttpStatusCode.NotFound)
            {
                return (null, "Connections has not heard of this creator yet. Look again in a moment.");
            }

            return response.IsSuccessStatusCode && (await response.Content.ReadFromJsonAsync<List>(ct))?.Items is { } platforms ? (platforms, null) : (null, Away);
        }
        catch (Exception) when (!ct.IsCancellationRequested)
        {
            // Whatever keeps us from the answer, a dead socket, an open circuit or a token that cannot be had, means the same here: not now. The client's own spans and logs say which.
            return (null, Away);
        }
    }

    private const string Away = "Connections does not answer now. Look again in a moment.";

    private sealed record List(IReadOnlyList<PlatformAvailability>? Items);
}
