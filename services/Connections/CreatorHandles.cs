using System.Text.Json;
using Connections.Platforms;
using EventSourcing;

namespace Connections;

/// <summary>Campaign did not say by which handle a creator goes. No creator is to blame, so nothing is concluded.</summary>
public sealed class HandlesUnavailable(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// By which handle to ask about a creator: the connected account's, else the one Campaign knows. Asked for when needed and kept nowhere, so that an
/// erasure there is an erasure here.
/// </summary>
public sealed class CreatorHandles(HttpClient campaign, PlatformList platforms)
{
    private const int PageSize = 500;

    private readonly string platform = platforms.All.Single(each => each.Options.HasMarketplace).Options.Key;

    /// <summary>The platform whose handles these are.</summary>
    public string Platform => platform;

    /// <summary>Handles without @, in small letters; a creator without one is missing.</summary>
    /// <exception cref="HandlesUnavailable">Campaign cannot be asked now, or answered something else.</exception>
    public async Task<IReadOnlyDictionary<Guid, string>> Of(StreamSession session, IReadOnlyCollection<Guid> creators, CancellationToken ct)
    {
        var connections = creators.Distinct().ToDictionary(creator => Connection.IdOf(session.Organization, creator, platform));
        var found = (await session.Query.LoadManyAsync<ConnectedAccount>(ct, [.. connections.Keys]))
            .Where(account => account.Handle is { Length: > 0 })
            .ToDictionary(account => connections[account.Id], account => Tidy(account.Handle!));
        foreach (var page in connections.Values.Except(found.Keys).Chunk(PageSize))
        {
            foreach (var item in await Ask(session.Organization, page, ct))
            {
                if (item.Handles?.GetValueOrDefault(platform) is { Length: > 0 } handle)
                {
                    found[item.CreatorId] = Tidy(handle);
                }
            }
        }

        return found;
    }

    private static string Tidy(string handle) => handle.Trim().TrimStart('@').ToLowerInvariant();

    private async Task<IReadOnlyList<Item>> Ask(string organization, Guid[] page, CancellationToken ct)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/creators/handles") { Content = JsonContent.Create(new { creatorIds = page }) };
            request.Headers.Add(OrganizationMiddleware.OrganizationHeader, organization);
            using var response = await campaign.SendAsync(request, ct);
            if (!response.IsSuccessStatusCode)
            {
                throw new HandlesUnavailable($"Campaign answered {(int)response.StatusCode} to a request for handles.");
            }

            return (await response.Content.ReadFromJsonAsync<Page>(ct))?.Items ?? throw new HandlesUnavailable("Campaign answered without handles.");
        }
        catch (Exception e) when (!ct.IsCancellationRequested && e is not HandlesUnavailable)
        {
            // Whatever keeps us from the answer, a dead socket, an open circuit or a token that cannot be had, means the same here: later.
            throw new HandlesUnavailable($"Campaign cannot be asked for handles ({e.GetType().Name}).", e is JsonException ? null : e);
        }
    }

    private sealed record Page(IReadOnlyList<Item>? Items);

    private sealed record Item(Guid CreatorId, IReadOnlyDictionary<string, string?>? Handles);
}
