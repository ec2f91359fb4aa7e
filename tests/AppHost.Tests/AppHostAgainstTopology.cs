namespace AppHost.Tests;

/// <summary>AppHost.cs spells out what Standalone reads from the topology. Here the two are held against each other, in both directions.</summary>
public sealed class AppHostAgainstTopology
{
    private static readonly Topology Topology = new(_ => null, "/state");
    private readonly IReadOnlyList<AddedProject> _added = AppHostTree.Projects(AppHostTree.Parse("AppHost/AppHost.cs"));

    public static TheoryData<string> ProjectProperties => new(
        typeof(Topology).GetProperties().Where(property => property.GetValue(Topology) is Resource { Project: not null }).Select(property => property.Name));

    [Fact]
    public void It_adds_every_project_of_the_topology_once_and_no_other()
    {
        _added.Count.ShouldBeGreaterThan(5);
        _added.Select(project => ResourceOf(project.Resource).Name).Order().ShouldBe(Topology.Projects.Select(project => project.Name).Order());
    }

    [Theory]
    [MemberData(nameof(ProjectProperties))]
    public void It_adds_the_project_that_lies_in_the_folder_of_the_resource(string property)
    {
        Added(property).Type.ShouldBe($"Projects.{Path.GetFileName(ResourceOf(property).Project)}");
    }

    [Theory]
    [MemberData(nameof(ProjectProperties))]
    public void It_references_and_waits_for_what_the_resource_needs(string property)
    {
        var added = Added(property);
        var resource = ResourceOf(property);
        var needed = resource.Needs
            .Select(need => need == Topology.Postgres ? $"servers.{property}" : need == Topology.RabbitMq ? "servers.RabbitMq" : VariableOf(need))
            .Concat(resource.KeyDatabase is null ? [] : [$"servers.{property}Keys"])
            .Order().ToList();
        added.References.Order().ShouldBe(needed);
        added.Waits.Order().ShouldBe(needed);
    }

    [Theory]
    [MemberData(nameof(ProjectProperties))]
    public void It_gives_the_settings_secrets_port_and_health_check_of_the_resource(string property)
    {
        var added = Added(property);
        var resource = ResourceOf(property);
        var parameters = AppHostTree.Parameters(AppHostTree.Parse("AppHost/AppHost.cs"));
        added.SettingsOf.ShouldBe(property);
        added.Secrets.Select(secret => (secret.Setting, parameters[secret.Parameter])).Order()
            .ShouldBe(resource.Secrets.Select(secret => (secret.Key, secret.Value)).Order());
        added.PortOf.ShouldBe(resource.IsHttp ? property : null);
        added.Health.ShouldBe(resource.IsHttp ? "/health" : null);
    }

    [Fact]
    public void It_has_a_secret_parameter_for_every_secret()
    {
        var unit = AppHostTree.Parse("AppHost/AppHost.cs");
        AppHostTree.Parameters(unit).Values.Order().ShouldBe(Secrets.Names.Order());
        AppHostTree.Calls(unit).Where(call => AppHostTree.Name(call) == "AddParameter").ShouldAllBe(call => call.ToString().EndsWith(", secret: true)"));
    }

    [Theory]
    [InlineData("AddPostgres", "AddRabbitMQ", "AddDatabase")]
    [InlineData("AddExecutable", "AddExecutable", "AddConnectionString")]
    public void Both_kinds_of_servers_have_the_names_of_the_topology_and_every_database(string postgres, string broker, string database)
    {
        var calls = AppHostTree.Calls(AppHostTree.Parse("AppHost/Servers.cs")).ToList();
        calls.Where(call => AppHostTree.Name(call) == postgres).Select(call => AppHostTree.Property(call.ArgumentList.Arguments[0])).ShouldContain("Postgres");
        calls.Where(call => AppHostTree.Name(call) == broker).Select(call => AppHostTree.Property(call.ArgumentList.Arguments[0])).ShouldContain("RabbitMq");
        var databases = calls.Where(call => AppHostTree.Name(call) == database).Select(call => call.ArgumentList.ToString()).ToList();
        foreach (var property in ProjectProperties.Select(row => row.Data).Where(property => ResourceOf(property).Database is not null))
        {
            databases.ShouldContain(arguments => arguments.Contains($"topology.{property}.Database", StringComparison.Ordinal));
            databases.Count(arguments => arguments.Contains($"topology.{property}.KeyDatabase", StringComparison.Ordinal)).ShouldBe(ResourceOf(property).KeyDatabase is null ? 0 : 1);
        }
    }

    [Fact]
    public void The_launch_profile_puts_the_dashboard_on_the_ports_of_the_topology()
    {
        var profile = Repository.Read("AppHost/Properties/launchSettings.json");
        profile.ShouldContain($"\"applicationUrl\": \"{Topology.Dashboard.Address}\"");
        profile.ShouldContain($"\"ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL\": \"http://localhost:{Topology.Dashboard.Ports["otlp"]}\"");
    }

    [Fact]
    public void The_versions_of_the_SDK_and_of_the_dashboard_are_those_of_the_solution()
    {
        Repository.Read("Directory.Build.props").ShouldContain($"<AspireVersion>{Standalone.Dashboard.Version}</AspireVersion>");
        Repository.Read("AppHost/AppHost.csproj").Split($"Sdk=\"Aspire.AppHost.Sdk\" Version=\"{Standalone.Dashboard.Version}\"").Length.ShouldBe(3);
    }

    private static Resource ResourceOf(string property) => (Resource)typeof(Topology).GetProperty(property)!.GetValue(Topology)!;

    private AddedProject Added(string property) => _added.Single(project => project.Resource == property);

    private string VariableOf(Resource need) =>
        _added.Single(project => ResourceOf(project.Resource) == need).Variable ?? throw new InvalidOperationException($"{need.Name} has no variable in AppHost.cs.");
}
