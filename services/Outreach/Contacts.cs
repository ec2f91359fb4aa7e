using System.Text.Json;

namespace Outreach;

/// <summary>Whom to write to. Asked for at the moment of writing and kept nowhere, so that an erasure in Campaign is an erasure here.</summary>
public sealed record Contact(Guid CreatorId, string? Name, string? Email, string? Locale, string? TimeZone = null);

/// <summary>Campaign did not say whom to write to. No recipient is to blame, so none gets a verdict.</summary>
public sealed class ContactsUnavailable(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Reads names and addresses from Campaign, which owns them.</summary>
public sealed class Contacts(HttpClient http)
{
    /// <summary>The most Campaign answers at once.</summary>
    public const int PageSize = 500;

    /// <summary>What Campaign knows; whom it does not know is missing from the answer.</summary>
    /// <exception cref="ContactsUnavailable">Campaign cannot be asked now, or answered something else.</exception>
    public async Task<IReadOnlyDictionary<Guid, Contact>> Of(string organization, IEnumerable<Guid> creators, CancellationToken ct)
    {
        var found = new Dictionary<Guid, Contact>();
        foreach (var page in creators.Distinct().Chunk(PageSize))
        {
            foreach (var contact in await Ask(organization, page, ct))
            {
                found[contact.CreatorId] = contact;
            }
        }

        return found;
    }

    private async Task<IReadOnlyList<Contact>> Ask(string organization, Guid[] page, CancellationToken ct)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/creators/contacts") { Content = JsonContent.Create(new { creatorIds = page }) };
            request.Headers.Add("X-Organization", organization);
            using var response = await http.SendAsync(request, ct);
            if (!response.IsSuccessStatusCode)
            {
                throw new ContactsUnavailable($"Campaign answered {(int)response.StatusCode} to a request for contacts.");
            }

            return (await response.Content.ReadFromJsonAsync<Page>(ct))?.Items ?? throw new ContactsUnavailable("Campaign answered without contacts.");
        }
        catch (Exception e) when (!ct.IsCancellationRequested && e is not ContactsUnavailable)
        {
            // Whatever keeps us from the answer, a dead socket, an open circuit or a token that cannot be had, means the same here: later.
            throw new ContactsUnavailable($"Campaign cannot be asked for contacts ({e.GetType().Name}).", e is JsonException ? null : e);
        }
    }

    private sealed record Page(IReadOnlyList<Contact>? Items);
}
