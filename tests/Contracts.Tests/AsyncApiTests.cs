using System.IO.Compression;
using System.Text.Json.Nodes;
using Shouldly;
using Testing;
using Xunit;

namespace Contracts.Tests;

/// <summary>What subscribers build on without our code: the AsyncAPI document, the schemas, and the package.</summary>
public sealed class AsyncApiTests
{
    public static TheoryData<string> Names => [.. AsyncApiDocument.Messages.Select(type => type.Name)];

    [Fact]
    public async Task The_document_of_the_events_is_the_published_one_and_pleases_a_linter()
    {
        PublishedDocument.Flaw("asyncapi.json", AsyncApiDocument.Document(), ApiChanges.BreakingMessages).ShouldBeNull();

        (await Spectral.Objections("asyncapi.json")).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_schema_of_a_message_is_the_published_one(string name) =>
        PublishedDocument.Flaw($"schemas/{name}.schema.json", AsyncApiDocument.StandAlone(AsyncApiDocument.Messages.Single(type => type.Name == name)), (_, _) => []).ShouldBeNull();

    [Fact]
    public void A_message_that_is_gone_or_lost_a_member_breaks_its_subscribers()
    {
        var before = AsyncApiDocument.Document();
        var after = AsyncApiDocument.Document();
        after["channels"]!.AsObject().Remove("OutreachSent");
        after["components"]!["schemas"]!["ConnectionGranted"]!["properties"]!.AsObject().Remove("scopes");
        after["components"]!["schemas"]!["ConnectionExpired"]!["required"]!.AsArray().RemoveAt(0);
        after["channels"]!["CampaignCreated"]!["address"] = "elsewhere";
        after["components"]!["schemas"]!["CreatorRegistered"]!["properties"]!["more"] = new JsonObject { ["type"] = "string" };

        ApiChanges.BreakingMessages(before, after).ShouldBe(
            ["CampaignCreated went to {organization}.campaigns.CampaignCreated and goes to elsewhere.", "ConnectionExpired.organizationId may be missing now.", "ConnectionGranted.scopes is gone.", "OutreachSent is gone."],
            ignoreOrder: true);
    }

    [Fact]
    public void The_package_carries_its_documentation_the_document_and_the_readme()
    {
        var package = Directory.EnumerateFiles(AppContext.BaseDirectory, "CreatorConnections.Contracts.*.nupkg").ShouldHaveSingleItem();

        using var archive = ZipFile.OpenRead(package);
        string[] expected = ["README.md", "asyncapi.json", "lib/net10.0/CreatorConnections.Contracts.dll", "lib/net10.0/CreatorConnections.Contracts.xml"];
        archive.Entries.Select(entry => entry.FullName).Intersect(expected).Order(StringComparer.Ordinal).ShouldBe(expected.Order(StringComparer.Ordinal));
        using var manifest = new StreamReader(archive.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open());
        var text = manifest.ReadToEnd();
        text.ShouldContain("<readme>README.md</readme>");
        text.ShouldNotContain("<dependency id=");
    }
}
