using System.Diagnostics;
using System.Text.Json;
using Shouldly;
using Testing;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>A product team's first day: a client generated from the published descriptions compiles, and walks the journey against every service.</summary>
[Collection(nameof(RunningSystem))]
public sealed class GeneratedClientJourney(RunningSystem system)
{
    private static readonly string Sample = Path.Combine(PublishedDocument.Root(), "samples", "client-typescript");
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task A_client_generated_from_the_published_descriptions_compiles_and_walks_the_journey()
    {
        // What an earlier run generated or compiled must not pass for this one's.
        foreach (var folder in (string[])["generated", "build"])
        {
            if (Directory.Exists(Path.Combine(Sample, folder)))
            {
                Directory.Delete(Path.Combine(Sample, folder), recursive: true);
            }
        }

        await NodePackages.Install(Sample);
        await Run("node_modules/openapi-typescript/bin/cli.js");
        Directory.GetFiles(Path.Combine(Sample, "generated")).Select(Path.GetFileNameWithoutExtension).Order().ShouldBe(["campaign", "connections", "outreach", "webhooks"]);
        await Run("node_modules/typescript/bin/tsc");

        var said = JsonElement.Parse(await Run("build/journey.js"));

        said.GetProperty("location").GetString().ShouldBe($"/v1/outreach/{said.GetProperty("outreach").GetGuid()}");
        said.GetProperty("counts").GetProperty("sent").GetInt32().ShouldBe(1);
        said.GetProperty("name").GetString().ShouldBe("Ana Lima-Costa");
        Texts(said, "statuses").ShouldBe(["InstagramInsights NotConnected"]);
        Texts(said, "platforms").ShouldBe(["instagram NotConnected", "youtube NotConnected", "tiktok NotConnected"], ignoreOrder: true);
        said.GetProperty("stale").GetString().ShouldBe("version.stale");
        said.GetProperty("quota").GetString()!.ShouldMatch("^\"client\";r=\\d+;t=1$");
    }

    private static IEnumerable<string?> Texts(JsonElement said, string member) => said.GetProperty(member).EnumerateArray().Select(text => text.GetString());

    /// <summary>Runs a program of the sample with the addresses of the running system, and answers what it said.</summary>
    private async Task<string> Run(string program)
    {
        using var node = Process.Start(new ProcessStartInfo("node", [program])
        {
            WorkingDirectory = Sample,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["ORGANIZATION_NAME"] = "Aurora Collective",
                ["TOKEN_URL"] = new Uri(system.At("identity"), "/connect/token").ToString(),
                ["CLIENT_ID"] = "demo",
                ["CLIENT_SECRET"] = "demo-secret",
                ["CAMPAIGN_URL"] = Base("campaign"),
                ["CONNECTIONS_URL"] = Base("connections"),
                ["OUTREACH_URL"] = Base("outreach"),
                ["WEBHOOKS_URL"] = Base("webhooks"),
            },
        })!;
        var (output, errors) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
        try
        {
            await node.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            node.Kill();
        }

        node.ExitCode.ShouldBe(0, $"{program} said: {await output}{await errors}");
        return await output;
    }

    private string Base(string resource) => system.At(resource).ToString().TrimEnd('/');
}
