using System.Text.Json;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AppHost.Tests;

/// <summary>The commands on the dashboard, held against the routes they call, the client they call as, and the code that is compiled only where Aspire can be had.</summary>
public sealed class OperatorCommandTests
{
    private static readonly Topology Topology = new(_ => null, "/state");

    public static TheoryData<string> Services => new(WithCommands.Where(project => project != Topology.Demo).Select(project => project.Name));

    private static IEnumerable<Resource> WithCommands => Topology.Projects.Where(project => OperatorCommands.Of(project).Count > 0);

    [Fact]
    public void Every_service_whose_API_has_routes_for_operators_has_commands_and_nothing_else_has()
    {
        Services.Count.ShouldBeGreaterThan(2);
        Services.Select(row => row.Data).Order().ShouldBe(
            Topology.Projects.Where(project => project.Database is not null && Repository.Read($"docs/openapi/{project.Name}.json").Contains("\"/v1/operations/relay\"", StringComparison.Ordinal)).Select(project => project.Name).Order());
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void A_command_calls_a_route_of_the_services_API_that_asks_for_the_scope_of_operators(string service)
    {
        using var api = JsonDocument.Parse(Repository.Read($"docs/openapi/{service}.json"));
        var commands = OperatorCommands.Of(Topology.Projects.Single(project => project.Name == service));
        commands.Select(command => command.Name).Distinct().Count().ShouldBe(commands.Count);
        foreach (var command in commands)
        {
            var route = api.RootElement.GetProperty("paths").EnumerateObject().Where(path => Fits(path.Name, command.Path)).ShouldHaveSingleItem(command.Path).Value.GetProperty("post");
            route.GetProperty("security")[0].GetProperty("client").EnumerateArray().Select(scope => scope.GetString()).ShouldBe(["ops"], command.Path);
            route.TryGetProperty("requestBody", out var asked).ShouldBe(command.Body is not null, command.Path);
            if (command.BodyAt(DateTimeOffset.UnixEpoch) is { } body)
            {
                var schema = asked.GetProperty("content").GetProperty("application/json").GetProperty("schema").GetProperty("$ref").GetString()!.Split('/')[^1];
                var members = api.RootElement.GetProperty("components").GetProperty("schemas").GetProperty(schema).GetProperty("properties").EnumerateObject().Select(member => member.Name).ToArray();
                JsonDocument.Parse(body).RootElement.EnumerateObject().Select(member => member.Name).Except(members).ShouldBeEmpty(command.Path);
            }
        }
    }

    [Fact]
    public void What_a_service_published_within_a_day_can_be_said_again_to_the_queue_of_Webhooks()
    {
        var replays = WithCommands.Select(project => (project.Name, Command: OperatorCommands.Of(project).SingleOrDefault(command => command.Path == "/v1/operations/replays"))).Where(one => one.Command is not null).ToArray();
        replays.Select(one => one.Name).Order().ShouldBe(["campaign", "connections", "outreach"]);
        foreach (var (_, command) in replays)
        {
            using var body = JsonDocument.Parse(command!.BodyAt(new(2026, 3, 1, 12, 0, 0, TimeSpan.FromHours(2)))!);
            body.RootElement.GetProperty("since").GetDateTimeOffset().ShouldBe(new(2026, 2, 28, 10, 0, 0, TimeSpan.Zero));
            Repository.Read("services/Webhooks/Intake/IntakeOptions.cs").ShouldContain($"Queue {{ get; init; }} = \"{body.RootElement.GetProperty("queue").GetString()}\";");
        }
    }

    [Fact]
    public void The_client_is_known_to_the_identity_provider_and_may_do_that_and_no_more()
    {
        using var identity = JsonDocument.Parse(Repository.Read("simulators/Identity/identity.json"));
        var client = identity.RootElement.GetProperty("Clients").EnumerateArray().Single(client => client.GetProperty("Id").GetString() == OperatorCommands.ClientId);
        client.GetProperty("Secret").GetString().ShouldBe(OperatorCommands.ClientSecret);
        client.GetProperty("Scopes").EnumerateArray().Select(scope => scope.GetString()).Order().ShouldBe(OperatorCommands.Scope.Split(' ').Order());
    }

    [Fact]
    public void AppHost_puts_them_on_each_service_and_on_nothing_else()
    {
        var calls = AppHostTree.Calls(AppHostTree.Parse("AppHost/AppHost.cs")).Where(call => AppHostTree.Name(call) == "WithOperatorCommands").ToList();
        calls.Select(call => AppHostTree.Property(call.ArgumentList.Arguments[1])).Select(property => ((Resource)typeof(Topology).GetProperty(property)!.GetValue(Topology)!).Name).Order()
            .ShouldBe(WithCommands.Select(project => project.Name).Order());
    }

    [Fact]
    public void The_demo_can_be_asked_for_where_everything_runs_on_one_machine_and_is_in_nothing_that_is_published()
    {
        OperatorCommands.Of(Topology.Demo).ShouldHaveSingleItem().Path.ShouldBe("/v1/operations/demo/seed");
        var added = AppHostTree.Calls(AppHostTree.Parse("AppHost/AppHost.cs")).Single(call => AppHostTree.Name(call) == "AddProject" && call.ToString().Contains("Projects.Demo", StringComparison.Ordinal));
        added.Ancestors().OfType<IfStatementSyntax>().ShouldHaveSingleItem().Condition.ToString().ShouldStartWith("builder.ExecutionContext.IsRunMode && ");
        var manifests = Directory.GetFiles(Path.Combine(Repository.Root, "deploy"), "*", SearchOption.AllDirectories);
        manifests.Length.ShouldBeGreaterThan(5);
        manifests.Where(file => File.ReadAllText(file).Contains("demo", StringComparison.OrdinalIgnoreCase)).ShouldBeEmpty();
    }

    [Fact]
    public void A_command_is_a_POST_with_what_it_says_asks_and_shows_and_with_a_token()
    {
        var command = AppHostTree.Calls(AppHostTree.Parse("AppHost/DashboardCommands.cs")).Where(call => AppHostTree.Name(call) == "WithHttpCommand").ShouldHaveSingleItem();
        command.ArgumentList.Arguments.Select(argument => argument.ToString()).Take(4).ShouldBe(["command.Path", "command.DisplayName", "endpointName: Topology.Http", "commandName: command.Name"]);
        command.DescendantNodes().OfType<AssignmentExpressionSyntax>().ToDictionary(set => set.Left.ToString(), set => set.Right.ToString()).ShouldBe(new Dictionary<string, string>
        {
            ["Method"] = "HttpMethod.Post",
            ["Description"] = "command.Description",
            ["ConfirmationMessage"] = "command.Confirmation",
            ["IconName"] = "command.Icon",
            ["PrepareRequest"] = "context => Prepare(context, topology.Identity, command)",
        });
    }

    private static bool Fits(string template, string path)
    {
        var (wanted, given) = (template.Split('/'), path.Split('/'));
        return wanted.Length == given.Length && wanted.Zip(given).All(part => part.First == part.Second || (part.First.StartsWith('{') && part.Second.Length > 0));
    }
}
