using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AppHost.Tests;

public sealed class TopologyTests
{
    private static readonly Topology Usual = new(_ => null, "/state");

    [Fact]
    public void No_two_resources_share_a_name_or_a_port()
    {
        Usual.Resources.Count.ShouldBeGreaterThan(8);
        Usual.Resources.Select(resource => resource.Name).ShouldBeUnique();
        Usual.Resources.SelectMany(resource => resource.Ports.Values).ShouldBeUnique();
    }

    [Fact]
    public void Every_resource_comes_after_those_it_needs()
    {
        var seen = new HashSet<Resource>();
        foreach (var resource in Usual.Resources)
        {
            resource.Needs.ShouldAllBe(need => seen.Contains(need));
            seen.Add(resource);
        }
    }

    [Fact]
    public void No_two_resources_share_a_database_and_keys_lie_in_one_of_their_own()
    {
        Usual.Projects.SelectMany(project => project.Databases).ShouldBe(["campaign", "connections", "keys", "outreach", "webhooks"]);
    }

    [Fact]
    public void A_port_from_the_environment_also_moves_every_address_that_others_are_told()
    {
        var moved = new Topology(variable => variable == "PORT_CONNECTIONS" ? "6101" : null, "/state");
        moved.Connections.Port.ShouldBe(6101);
        moved.Connections.Settings["Hub__PublicUrl"].ShouldBe("http://localhost:6101");
        moved.Outreach.Settings["Hub__PublicUrl"].ShouldBe("http://localhost:6101");
        moved.Platforms.Settings["Hub__PublicUrl"].ShouldBe("http://localhost:6101");
        moved.Campaign.Settings["services__connections__http__0"].ShouldBe("http://localhost:6101");
        moved.Campaign.Port.ShouldBe(Usual.Campaign.Port);
    }

    [Theory]
    [InlineData("mail", "http", "PORT_MAIL")]
    [InlineData("mail", "smtp", "PORT_MAIL_SMTP")]
    [InlineData("rabbitmq", "tcp", "PORT_RABBITMQ")]
    [InlineData("dashboard", "otlp-http", "PORT_DASHBOARD_OTLP_HTTP")]
    public void The_variable_of_a_port_is_named_after_resource_and_endpoint(string resource, string endpoint, string variable)
    {
        Topology.PortVariable(resource, endpoint).ShouldBe(variable);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("http")]
    public void What_is_not_a_port_is_refused_with_the_variable_that_says_it(string port)
    {
        Should.Throw<FormatException>(() => new Topology(variable => variable == "PORT_MAIL" ? port : null, "/state")).Message.ShouldContain($"PORT_MAIL={port}");
    }

    [Fact]
    public void Every_project_of_the_topology_lies_where_it_says()
    {
        Usual.Projects.ShouldNotBeEmpty();
        Usual.Projects.ShouldAllBe(project => File.Exists(Path.Combine(Repository.Root, project.Project!, Path.GetFileName(project.Project!) + ".csproj")));
    }

    [Fact]
    public void What_is_published_for_those_who_build_on_it_names_the_addresses_of_this_topology()
    {
        foreach (var service in (Resource[])[Usual.Campaign, Usual.Connections, Usual.Outreach, Usual.Webhooks])
        {
            var description = JsonNode.Parse(Repository.Read($"docs/openapi/{service.Name}.json"))!;
            description["servers"]![0]!["url"]!.ToString().ShouldBe(service.Address);
            description["components"]!["securitySchemes"]!["client"]!["flows"]!["clientCredentials"]!["tokenUrl"]!.ToString().ShouldBe($"{Usual.Identity.Address}/connect/token");
        }

        var broker = $"localhost:{Usual.RabbitMq.Ports["tcp"]}";
        JsonNode.Parse(Repository.Read("docs/asyncapi.json"))!["servers"]!["broker"]!["host"]!.ToString().ShouldBe(broker);
        Repository.Read("samples/subscriber-node/README.md").ShouldContain($"@{broker} ");
        Repository.Read("samples/subscriber-dotnet/README.md").ShouldContain($"@{broker} ");

        int[] ports = [.. Usual.Resources.SelectMany(resource => resource.Ports.Values)];
        const int receiverOfTheQuickStart = 8099;
        var named = Regex.Matches(Repository.Read("docs/api.md"), @"localhost:(\d+)").Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).ToHashSet();
        named.Count.ShouldBeGreaterThan(6);
        named.Except(ports).ShouldBe([receiverOfTheQuickStart]);
    }

    [Fact]
    public void Secrets_are_made_up_once_and_are_for_their_owner_only()
    {
        var folder = Directory.CreateTempSubdirectory("secrets-");
        try
        {
            var first = Secrets.In(folder.FullName);
            var second = Secrets.In(folder.FullName);
            Convert.FromBase64String(first[Secrets.SigningKey]).Length.ShouldBe(32);
            Convert.FromBase64String(first[Secrets.VaultKey]).Length.ShouldBe(32);
            Convert.FromBase64String(first[Secrets.WebhookKey]).Length.ShouldBe(32);
            Secrets.Names.Select(name => first[name]).ShouldBeUnique();
            Secrets.Names.Select(name => second[name]).ShouldBe(Secrets.Names.Select(name => first[name]));
            if (!OperatingSystem.IsWindows())
            {
                File.GetUnixFileMode(Path.Combine(folder.FullName, "secrets.json")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
