using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using LocalServers;
using Shouldly;
using Testing;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>docs/api.md can be pasted: every command of its quick start, against the running system.</summary>
[Collection(nameof(RunningSystem))]
public sealed partial class QuickStart(RunningSystem system)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly (string Usual, string Resource)[] Addresses =
        [("5101", "connections"), ("5102", "outreach"), ("5103", "campaign"), ("5104", "webhooks"), ("5201", "platforms"), ("5202", "mail"), ("5203", "identity")];

    [Fact]
    public async Task Every_command_of_the_quick_start_does_what_the_page_says()
    {
        // What a reader finds there: an organization with a name, and a campaign.
        using var campaigns = await system.Client("campaign");
        (await campaigns.PutAsJsonAsync("/v1/organization", new { name = "Aurora Collective" })).EnsureSuccessStatusCode();
        (await campaigns.PostAsJsonAsync("/v1/campaigns", new { name = "Quick start", startsOn = "2026-01-01", endsOn = "2026-12-31", requiredConnections = new[] { "InstagramInsights" } })).EnsureSuccessStatusCode();

        var page = await File.ReadAllTextAsync(Path.Combine(PublishedDocument.Root(), "docs", "api.md"), TestContext.Current.CancellationToken);
        string[] blocks = [.. Blocks().Matches(page).Select(match => Here(match.Groups["commands"].Value))];
        blocks.Length.ShouldBe(8);

        // Nobody types faster than news travel from service to service.
        blocks[2] += Here("""
            body="{\"campaignId\":\"$campaign\",\"template\":\"creator-hub-invitation\",\"creatorIds\":[\"$creator\"]}"
            for look in $(seq 300); do
              api "http://localhost:5101/v1/creators/$creator/connections" > /dev/null && api http://localhost:5102/v1/outreach/preview -d "$body" | jq -e '.counts.willSend == 1' > /dev/null && break
              sleep 0.1
            done
            """);
        var said = await Run(blocks);

        var ids = said[2].Split('\n')[0];
        Guid.TryParse(ids, out _).ShouldBeTrue(said[2]);
        said[2].ShouldContain("\"added\": 1");
        said[3].ShouldContain("\"status\": \"NotConnected\"");
        said[4].ShouldMatch("cursor [A-Za-z0-9_-]{8,}$");
        said[7].ShouldContain("\"state\": \"Delivered\"");
        said[7].ShouldContain("\"lastOutcome\": \"Delivered\"");
    }

    // Ports of this run; a moment where a reader would watch for minutes; and where a reader looks again, so does this.
    private string Here(string commands)
    {
        foreach (var (usual, resource) in Addresses)
        {
            commands = commands.Replace($"localhost:{usual}/", $"localhost:{system.At(resource).Port}/", StringComparison.Ordinal);
        }

        var receiver = Ports.Free(1)[0].ToString(CultureInfo.InvariantCulture);
        return commands.Replace("8099", receiver, StringComparison.Ordinal)
            .Replace("wait=25", "wait=1", StringComparison.Ordinal)
            .Replace("curl -sN", "timeout 3 curl -sN", StringComparison.Ordinal)
            .Replace("sleep 1;", "for look in $(seq 200); do api \"http://localhost:" + system.At("webhooks").Port + "/v1/webhook-endpoints/$endpoint/deliveries\" | grep -q '\"Delivered\"' && break; sleep 0.1; done;", StringComparison.Ordinal);
    }

    /// <summary>What each block said. One that fails ends it all: a refused request too, and a stream that is cut off is none of these.</summary>
    private static async Task<IReadOnlyList<string>> Run(IReadOnlyList<string> blocks)
    {
        const string mark = "@@ next block";
        var script = $$"""
            set -euo pipefail
            trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
            curl() { command curl --fail-with-body "$@"; }
            {{string.Join('\n', blocks.Select((block, number) => $"{(block.Contains("timeout 3 curl", StringComparison.Ordinal) ? $"{{ {block}\n}} || [ $? = 124 ]" : block)}\n{(number == 4 ? "echo \"cursor $cursor\"" : ":")}\necho '{mark}'"))}}
            """;
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (bash.StandardOutput.ReadToEndAsync(), bash.StandardError.ReadToEndAsync());
        try
        {
            await bash.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            bash.Kill(entireProcessTree: true);
        }

        bash.ExitCode.ShouldBe(0, $"{await output}{await errors}");
        return [.. (await output).Split(mark).Select(one => one.Trim())];
    }

    [GeneratedRegex("```sh\n(?<commands>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();
}
