using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Architecture.Tests;

/// <summary>What a slice may look like. Every rule first shows that there is something it speaks about.</summary>
public sealed class SliceRules
{
    private const int MostLines = 200;

    [Fact]
    public void There_are_slices_in_every_service()
    {
        foreach (var service in Repository.Services)
        {
            Repository.Slices.Count(slice => slice.Path.StartsWith(service.Folder, StringComparison.Ordinal)).ShouldBeGreaterThan(3, service.Name);
        }
    }

    [Fact]
    public void No_slice_saves_or_publishes_by_itself()
    {
        Repository.Slices.Count(slice => slice.Text.Contains("DecideAndSave", StringComparison.Ordinal)).ShouldBeGreaterThan(5);
        Repository.Slices.Where(slice => Regex.IsMatch(slice.Text, @"\.SaveChanges(Async)?\(|\.Publish\(|\.Send\(new ")).Select(slice => slice.Path).ShouldBeEmpty();
    }

    [Fact]
    public void No_slice_is_longer_than_two_screens_and_a_half()
    {
        Repository.Slices.ShouldNotBeEmpty();
        Repository.Slices.Where(slice => Lines(slice) > MostLines).Select(slice => $"{slice.Path}: {Lines(slice)}").ShouldBeEmpty();
    }

    [Fact]
    public void A_consumer_is_named_after_its_message_and_records_through_the_inbox()
    {
        var consumers = Classes("services").Select(type => (Type: type, Message: MessageOf(type))).Where(consumer => consumer.Message is not null).ToList();
        consumers.Count.ShouldBeGreaterThan(5);
        foreach (var (type, message) in consumers)
        {
            // A further consumer of the same message adds why: OnConnectionGranted, OnConnectionGrantedByInvitation.
            type.Identifier.Text.ShouldStartWith($"On{message}");
            (type.ParameterList?.Parameters.Select(parameter => parameter.Type!.ToString()) ?? []).ShouldContain("Inbox", type.Identifier.Text);
        }
    }

    [Fact]
    public void A_decision_is_made_from_values_alone()
    {
        var decisions = Repository.Services.SelectMany(service => Classes(service.Folder)).SelectMany(type => type.Members.OfType<MethodDeclarationSyntax>())
            .Where(method => method.Identifier.Text == "Decide").ToList();
        decisions.Count.ShouldBeGreaterThan(10);
        foreach (var decision in decisions)
        {
            var where = decision.SyntaxTree.FilePath;
            decision.Modifiers.Select(modifier => modifier.Text).ShouldBe(["public", "static"], where);
            decision.ParameterList.Parameters.Select(parameter => parameter.Type!.ToString())
                .Where(type => Regex.IsMatch(type, "Session|HttpClient|TimeProvider|CancellationToken|Random|ILogger|^Func<Task")).ShouldBeEmpty(where);
        }
    }

    [Fact]
    public void Every_slice_that_maps_a_route_is_in_the_table_of_contents_of_its_service()
    {
        foreach (var service in Repository.Services)
        {
            var contents = Repository.Sources(service.Folder, "Endpoints.cs").ShouldHaveSingleItem().Text;
            var routed = Repository.Sources($"{service.Folder}/Features").Where(slice => slice.Text.Contains("IEndpointRouteBuilder", StringComparison.Ordinal)).ToList();
            routed.ShouldNotBeEmpty(service.Name);
            routed.Where(slice => !contents.Contains($"{slice.Name}.", StringComparison.Ordinal)).Select(slice => slice.Path).ShouldBeEmpty();
        }
    }

    [Fact]
    public void Each_service_names_the_platforms_in_one_file_only()
    {
        var naming = Repository.Sources("services", "*.cs", "*.razor")
            .Where(source => Regex.IsMatch(source.Text, "\"(instagram|youtube|tiktok)\""))
            .ToLookup(source => source.Path.Split('/')[1], source => source.Path);
        naming.Count.ShouldBeGreaterThan(1);
        foreach (var service in naming)
        {
            service.ShouldHaveSingleItem();
        }

        naming["Connections"].Single().ShouldStartWith("services/Connections/Platforms/");
    }

    [Fact]
    public void Time_comes_from_the_clock_that_tests_can_set()
    {
        List<Source> sources = [.. Repository.Services.SelectMany(service => Repository.Sources(service.Folder))];
        sources.Count(source => source.Text.Contains("TimeProvider", StringComparison.Ordinal)).ShouldBeGreaterThan(3);
        sources.Where(source => Regex.IsMatch(source.Text, @"DateTime(Offset)?\.(Utc)?Now|DateTime\.Today")).Select(source => source.Path).ShouldBeEmpty();
    }

    [Fact]
    public void No_test_sleeps()
    {
        var tests = Repository.Sources("tests").Where(source => source.Path.Contains(".Tests/", StringComparison.Ordinal) && source.Name != nameof(SliceRules)).ToList();
        tests.Count.ShouldBeGreaterThan(20);
        tests.Where(source => Regex.IsMatch(source.Text, @"Thread\.Sleep|Task\.Delay")).Select(source => source.Path).ShouldBeEmpty();
    }

    private static int Lines(Source source) => source.Text.Count(character => character == '\n');

    private static IEnumerable<TypeDeclarationSyntax> Classes(string folder) => Repository.Sources(folder)
        .SelectMany(source => CSharpSyntaxTree.ParseText(source.Text, path: source.Path).GetRoot().DescendantNodes().OfType<TypeDeclarationSyntax>());

    private static string? MessageOf(TypeDeclarationSyntax type) => type.BaseList?.Types
        .Select(parent => Regex.Match(parent.Type.ToString(), "^IConsumer<(?<message>[A-Za-z]+)>$"))
        .FirstOrDefault(match => match.Success)?.Groups["message"].Value;
}
