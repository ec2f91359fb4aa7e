namespace Architecture.Tests;

/// <summary>Who may know whom. Every rule first shows that there is something it speaks about.</summary>
public sealed class ReferenceRules
{
    private const string Contracts = "contracts";
    private const string ServiceDefaults = "services/ServiceDefaults";
    private const string EventSourcing = "services/EventSourcing";
    private const string LockStandIn = "services/PostgresLockStandIn";
    private const string Testing = "tests/Testing";

    // These start the whole application, so they build on all of it.
    private static readonly string[] WholeApplication = ["tests/EndToEnd.Tests", "tests/Chaos.Tests", "tests/Benchmarks", "tests/Samples.Tests"];

    [Fact]
    public void A_service_references_hosting_event_sourcing_and_contracts_and_no_other_service()
    {
        Repository.Services.Count.ShouldBe(4);
        foreach (var service in Repository.Services)
        {
            service.References.ShouldBeSubsetOf([ServiceDefaults, EventSourcing, Contracts], service.Path);
            service.References.ShouldContain(EventSourcing, service.Path);
        }
    }

    [Fact]
    public void Contracts_reference_nothing()
    {
        var contracts = Repository.Project(Contracts);
        contracts.References.ShouldBeEmpty();
        contracts.Packages.ShouldBeEmpty();
        Repository.Sources(Contracts).Count.ShouldBeGreaterThan(5);
    }

    [Fact]
    public void Event_sourcing_knows_Marten_and_MassTransit_and_nothing_of_the_domain()
    {
        var glue = Repository.Project(EventSourcing);
        glue.Packages.ShouldContain("Marten");
        glue.Packages.ShouldAllBe(package => package == "Marten" || package == "Npgsql" || package.StartsWith("MassTransit", StringComparison.Ordinal));
        glue.References.ShouldBeSubsetOf([LockStandIn]);

        var sources = Repository.Sources(EventSourcing);
        sources.Count.ShouldBeGreaterThan(5);
        foreach (var word in (string[])["Instagram", "YouTube", "TikTok", "CreatorConnections.Contracts"])
        {
            sources.Where(source => source.Text.Contains(word, StringComparison.OrdinalIgnoreCase)).Select(source => source.Path).ShouldBeEmpty(word);
        }
    }

    [Fact]
    public void Service_defaults_know_hosting_and_neither_store_nor_bus_nor_contracts()
    {
        var defaults = Repository.Project(ServiceDefaults);
        defaults.Packages.Count.ShouldBeGreaterThan(3);
        defaults.Packages.ShouldAllBe(package => !package.StartsWith("Marten", StringComparison.Ordinal) && !package.StartsWith("MassTransit", StringComparison.Ordinal));
        defaults.References.ShouldBeEmpty();
    }

    [Fact]
    public void The_console_knows_the_services_over_HTTP_only()
    {
        var console = Repository.Project("services/WebConsole");
        console.References.ShouldBe([ServiceDefaults]);
        console.Packages.Where(package => package is "Marten" or "Npgsql" || package.StartsWith("MassTransit", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void A_simulator_lies_outside_our_walls_and_shares_nothing_but_the_hosting()
    {
        var simulators = Repository.Projects.Where(project => project.Folder.StartsWith("simulators/", StringComparison.Ordinal)).ToList();
        simulators.Count.ShouldBeGreaterThan(2);
        foreach (var simulator in simulators)
        {
            simulator.References.ShouldBeSubsetOf([ServiceDefaults], simulator.Path);
        }
    }

    [Fact]
    public void Tests_reference_what_they_test_simulators_and_the_kit_and_no_other_tests()
    {
        var tests = Repository.Projects.Where(project => project.Name.EndsWith(".Tests", StringComparison.Ordinal)).ToList();
        tests.Count.ShouldBeGreaterThan(5);
        foreach (var test in tests)
        {
            test.References.Where(reference => reference.EndsWith(".Tests", StringComparison.Ordinal)).ShouldBeEmpty(test.Path);
            if (!WholeApplication.Contains(test.Folder))
            {
                var subject = test.Name[..^".Tests".Length];
                test.References.Where(reference => !IsAllowed(reference, subject)).ShouldBeEmpty(test.Path);
            }
        }

        static bool IsAllowed(string reference, string subject) =>
            reference is Contracts or Testing || reference.StartsWith("simulators/", StringComparison.Ordinal)
            || reference == $"services/{subject}" || reference.StartsWith($"{subject}/", StringComparison.Ordinal);
    }

    [Fact]
    public void The_test_kit_and_the_local_servers_know_nothing_of_ours()
    {
        Repository.Project(Testing).References.ShouldBe(["AppHost/LocalServers"]);
        Repository.Project("AppHost/LocalServers").References.ShouldBeEmpty();
        Repository.Project("AppHost/LocalServers").Packages.ShouldBe(["Npgsql"]);
        Repository.Project("AppHost/Standalone").References.ShouldBe(["AppHost/LocalServers"]);
    }

    [Fact]
    public void Versions_of_packages_stand_in_one_file()
    {
        Repository.Projects.SelectMany(project => project.Packages).Distinct().Count().ShouldBeGreaterThan(20);
        foreach (var project in Repository.Projects)
        {
            System.Text.RegularExpressions.Regex.IsMatch(project.Text, "<PackageReference[^>]*\\sVersion=").ShouldBeFalse(project.Path);
        }
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "aspire.sln")).Replace('\\', '/');
        Repository.Projects.Count.ShouldBeGreaterThan(20);
        Repository.Projects.Where(project => !solution.Contains($"\"{project.Path}\"", StringComparison.Ordinal)).Select(project => project.Path).ShouldBeEmpty();
    }
}
