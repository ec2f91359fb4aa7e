namespace WebConsole.Apis;

/// <summary>The names of creators whom a service speaks of by id. What was asked once is known for as long as the page lives.</summary>
public sealed class NameBook(CampaignApi campaigns)
{
    private const int AtOnce = 500;

    private readonly Dictionary<Guid, string> known = [];

    public void Know(IEnumerable<KeyValuePair<Guid, string>> names)
    {
        foreach (var (id, name) in names)
        {
            known[id] = name;
        }
    }

    /// <summary>The name, if it was looked up; else a word that stands for anybody.</summary>
    public string Of(Guid creator) => known.GetValueOrDefault(creator, "Creator");

    /// <summary>Looks up who is not known yet. Where names cannot be had, the page is still worth reading without them.</summary>
    public async Task LookUp(IEnumerable<Guid> creators, CancellationToken ct)
    {
        foreach (var page in creators.Where(creator => !known.ContainsKey(creator)).Distinct().Chunk(AtOnce))
        {
            try
            {
                Know(await campaigns.Names(page, ct));
            }
            catch (ApiProblem)
            {
                return;
            }
        }
    }
}
