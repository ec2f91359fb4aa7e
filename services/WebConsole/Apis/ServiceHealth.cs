using System.Text.Json;
using Polly;

namespace WebConsole.Apis;

/// <summary>How one service says it is; null checks where it does not answer. What it says helps is for people.</summary>
public sealed record Health(string Service, string Status, IReadOnlyDictionary<string, string>? Checks, IReadOnlyDictionary<string, string>? Help = null)
{
    public const string Away = "Away";
}

/// <summary>Asks the services how they are. Their answer is open to everybody, and holds no secret.</summary>
public sealed class ServiceHealth(HttpClient http)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public async Task<IReadOnlyList<Health>> All(CancellationToken ct) => await Task.WhenAll(OperationsApis.Services.Select(service => Of(service, ct)));

    private async Task<Health> Of(string service, CancellationToken ct)
    {
        try
        {
            // An unhealthy service answers 503, with the same body.
            using var response = await http.GetAsync(new Uri($"http://{service}/health"), ct);
            var report = await response.Content.ReadFromJsonAsync<Report>(Json, ct);
            return new(service, report!.Status, report.Checks, report.Help);
        }
        catch (Exception exception) when (!ct.IsCancellationRequested && exception is HttpRequestException or OperationCanceledException or ExecutionRejectedException or IOException or JsonException)
        {
            return new(service, Health.Away, null);
        }
    }

    private sealed record Report(string Status, Dictionary<string, string> Checks, Dictionary<string, string>? Help);
}
